package dev.kvasir.e2e.apiserver.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.cel.CelRules;
import dev.kvasir.e2e.apiserver.kinds.KindCatalog;
import dev.kvasir.e2e.apiserver.kinds.KindRules;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.schema.Defaults;
import dev.kvasir.e2e.apiserver.schema.UnknownFieldPruner;
import dev.kvasir.e2e.apiserver.schema.Validator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a client sent becomes an object of its kind: pruned, with defaults, checked. */
final class Intake {
  private final KindCatalog kinds;
  private final CelRules rules;

  Intake(KindCatalog kinds, CelRules rules) {
    this.kinds = kinds;
    this.rules = rules;
  }

  /** Drops fields that the kind does not have, or refuses them, as the client wishes. */
  void prune(KubeObject object, ResourceType type, WriteOptions options) {
    List<String> unknown = new UnknownFieldPruner().prune(object.json(), type.schema());
    if (unknown.isEmpty()) {
      return;
    }
    List<String> texts = unknown.stream().map("unknown field \"%s\""::formatted).toList();
    switch (options.unknownFields()) {
      case STRICT ->
          throw ApiException.badRequest(
              "%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s"
                  .formatted(type.kind(), type.version(), type.kind(), String.join(", ", texts)));
      case WARN -> options.warn(texts);
      case IGNORE -> {}
    }
  }

  /** A configuration that is applied may hold no field that its kind does not have. */
  void pruneApplied(KubeObject configuration, ResourceType type) {
    List<String> unknown = new UnknownFieldPruner().prune(configuration.json(), type.schema());
    if (!unknown.isEmpty()) {
      throw new ApiException(
          500,
          "",
          "failed to create typed patch object (%s/%s; %s, Kind=%s): .%s: field not declared in schema"
              .formatted(
                  configuration.namespace(),
                  configuration.name(),
                  type.apiVersion(),
                  type.kind(),
                  unknown.getFirst()),
          Json.object());
    }
  }

  KubeObject complete(KubeObject object, ResourceType type) {
    KindRules kind = kinds.of(type);
    if (type.custom()) {
      Defaults.apply(object.json(), type.schema());
    }
    kind.defaults(object);
    return canonical(object);
  }

  void check(Optional<KubeObject> live, KubeObject after, ResourceType type) {
    KindRules kind = kinds.of(type);
    List<Cause> causes = new ArrayList<>();
    if (type.custom()) {
      causes.addAll(Validator.validate(after.json(), type.schema()));
      if (causes.isEmpty()) {
        Optional<JsonNode> before = live.map(KubeObject::json);
        causes.addAll(rules.evaluate(type.schema(), after.json(), before));
      }
    } else {
      causes.addAll(Validator.checkTypes(after.json(), type.schema()));
    }
    causes.addAll(
        live.map(l -> kind.validateUpdate(l, after)).orElseGet(() -> kind.validate(after)));
    if (!causes.isEmpty()) {
      throw ApiException.invalid(type, after.name(), causes);
    }
  }

  /** The object as if it had been read from the wire: equal numbers are equal nodes. */
  private static KubeObject canonical(KubeObject object) {
    try {
      return new KubeObject((ObjectNode) Json.parse(Json.bytes(object.json())));
    } catch (IOException e) {
      throw new UncheckedIOException("what was just written can be read", e);
    }
  }
}
