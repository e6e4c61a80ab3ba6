package dev.kvasir.e2e.apiserver.ssa;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What kubectl's apply on the client left in an annotation. When kubectl turns to apply on the
 * server, what it applied itself is no conflict, and the annotation is kept up to date.
 */
record LastApplied(KubeObject configuration) {
  private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
  private static final String KUBECTL = "kubectl";

  /** What the live object remembers; nothing where another manager than kubectl applies. */
  static Optional<LastApplied> of(KubeObject live, FieldManager.Writer writer) {
    String text = live.json().path("metadata").path("annotations").path(ANNOTATION).asText("");
    if (text.isEmpty() || !writer.manager().equals(KUBECTL) || !writer.subresource().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8)) instanceof ObjectNode json
          ? Optional.of(new LastApplied(new KubeObject(json)))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The fields that still have the value that kubectl gave them. */
  FieldSet unchangedIn(KubeObject live, ResourceType type) {
    TypedValue mine = new TypedValue(configuration.json(), type.schema());
    TypedValue now = new TypedValue(live.json(), type.schema());
    return mine.fields().minus(mine.differenceTo(now).written());
  }

  static void remember(KubeObject result, KubeObject applied) {
    KubeObject configuration = applied.copy();
    if (configuration.metadata().get("annotations") instanceof ObjectNode annotations) {
      annotations.remove(ANNOTATION);
    }
    String text = new String(Json.bytes(configuration.json()), StandardCharsets.UTF_8) + "\n";
    Json.child(result.metadata(), "annotations").put(ANNOTATION, text);
  }
}
