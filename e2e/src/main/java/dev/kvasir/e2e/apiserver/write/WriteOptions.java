package dev.kvasir.e2e.apiserver.write;

import java.util.List;
import java.util.function.Consumer;

/**
 * How a write is meant.
 *
 * @param manager the field manager
 * @param subresource the part that may change: empty for the object itself, or status
 * @param unknownFields what happens to fields that the schema does not know
 * @param force whether an apply takes fields over from other managers
 * @param patch the patch that is applied, as text; empty where the write is none
 * @param warnings takes what the client should be told beside the result
 */
public record WriteOptions(
    String manager,
    String subresource,
    boolean dryRun,
    UnknownFields unknownFields,
    boolean force,
    String patch,
    Consumer<String> warnings) {

  /** What happens to fields that the schema does not know. */
  public enum UnknownFields {
    IGNORE,
    WARN,
    STRICT
  }

  /** How the control plane itself writes. */
  public static WriteOptions internal(String manager) {
    return new WriteOptions(manager, "", false, UnknownFields.IGNORE, false, "", w -> {});
  }

  /** The same, by way of a subresource. */
  public WriteOptions through(String name) {
    return new WriteOptions(manager, name, dryRun, unknownFields, force, patch, warnings);
  }

  /** The same, for a patch. */
  public WriteOptions patching(String text) {
    return new WriteOptions(manager, subresource, dryRun, unknownFields, force, text, warnings);
  }

  boolean status() {
    return subresource.equals("status");
  }

  void warn(List<String> texts) {
    texts.forEach(warnings);
  }
}
