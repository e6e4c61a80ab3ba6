package dev.kvasir.e2e.apiserver.model;

import dev.kvasir.e2e.apiserver.schema.Schema;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One kind of object in one version of its group, and how it is served.
 *
 * @param custom whether a CustomResourceDefinition defines it
 * @param scale where the scale subresource finds its numbers
 * @param columns what kubectl prints beside NAME; empty for NAME and AGE
 */
public record ResourceType(
    String group,
    String version,
    String kind,
    Names names,
    boolean namespaced,
    boolean custom,
    Set<String> subresources,
    Optional<ScalePaths> scale,
    Schema schema,
    List<PrinterColumn> columns) {

  /** What a resource is called on the command line. */
  public record Names(
      String plural, String singular, List<String> shortNames, List<String> categories) {}

  /** A column of kubectl get: a JSONPath of the object, and how to print it. */
  public record PrinterColumn(
      String name, String type, String format, String description, int priority, String jsonPath) {}

  /** Dotted paths of the replicas wanted, the replicas seen and the selector as a string. */
  public record ScalePaths(String spec, String status, String selector) {}

  public String plural() {
    return names.plural();
  }

  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** The name that errors use: deployments.apps. */
  public String qualifiedPlural() {
    return group.isEmpty() ? plural() : plural() + "." + group;
  }

  /** Where its objects are stored: every version of a kind lies in one collection. */
  public String collection() {
    return group.equals("events.k8s.io") ? plural() : qualifiedPlural();
  }

  public boolean hasStatus() {
    return subresources.contains("status");
  }
}
