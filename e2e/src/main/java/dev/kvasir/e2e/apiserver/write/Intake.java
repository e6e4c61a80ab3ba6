package dev.kvasir.e2e.apiserver.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.e2e.apiserver.cel.CelRules;
import dev.kvasir.e2e.apiserver.kinds.KindCatalog;
import dev.kvasir.e2e.apiserver.kinds.KindRules;
import dev.kvasir.e2e.apiserver.kinds.LabelChecks;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.model.ResourceType.ScalePaths;
import dev.kvasir.e2e.apiserver.schema.Defaults;
import dev.kvasir.e2e.apiserver.schema.EmptyParts;
import dev.kvasir.e2e.apiserver.schema.UnknownFieldPruner;
import dev.kvasir.e2e.apiserver.schema.Validator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a client sent becomes an object of its kind: pruned, with defaults, checked. */
final class Intake {
  /** Errors after which rules are not looked at: they could stumble over the same mistake. */
  private static final Set<String> BLOCKING =
      Set.of(
          "FieldValueRequired",
          "FieldValueTypeInvalid",
          "FieldValueNotSupported",
          "FieldValueTooLong",
          "FieldValueTooMany");

  private static final Cause UNCHECKED_RULES =
      new Cause(
          "FieldValueInvalid",
          "Invalid value: null: some validation rules were not checked because the object was"
              + " invalid; correct the existing errors to complete validation",
          "<nil>");

  private final KindCatalog kinds;
  private final CelRules rules;

  Intake(KindCatalog kinds, CelRules rules) {
    this.kinds = kinds;
    this.rules = rules;
  }

  /**
   * Drops fields that the kind does not have, or refuses them, as the client wishes. A built-in
   * kind is decoded into a type: a value of another type is refused at once.
   */
  void decode(KubeObject object, ResourceType type, WriteOptions options) {
    List<String> unknown = new UnknownFieldPruner().prune(object.json(), type.schema());
    if (!type.custom()) {
      for (Cause mistake : Validator.checkTypes(object.json(), type.schema())) {
        throw undecodable(type, "json: cannot unmarshal: " + mistake.message());
      }
    }
    if (unknown.isEmpty()) {
      return;
    }
    List<String> texts = unknown.stream().map("unknown field \"%s\""::formatted).toList();
    switch (options.unknownFields()) {
      case STRICT ->
          throw strict(type, options, "strict decoding error: " + String.join(", ", texts));
      case WARN -> options.warn(texts);
      case IGNORE -> {}
    }
  }

  private static ApiException strict(ResourceType type, WriteOptions options, String why) {
    if (options.patch().isEmpty()) {
      return undecodable(type, why);
    }
    Cause cause = Cause.invalid("patch", TextNode.valueOf(options.patch()).toString(), why);
    return ApiException.invalid(type, "", List.of(cause));
  }

  private static ApiException undecodable(ResourceType type, String why) {
    return ApiException.badRequest(
        "%s in version \"%s\" cannot be handled as a %s: %s"
            .formatted(type.kind(), type.version(), type.kind(), why));
  }

  /** A configuration that is applied may hold nothing that its kind does not have. */
  void decodeApplied(KubeObject configuration, ResourceType type) {
    for (String field : new UnknownFieldPruner().prune(configuration.json(), type.schema())) {
      throw untyped(configuration, type, field, "field not declared in schema");
    }
    for (Cause mistake : Validator.checkTypes(configuration.json(), type.schema())) {
      throw untyped(configuration, type, mistake.field(), mistake.message());
    }
  }

  private static ApiException untyped(
      KubeObject configuration, ResourceType type, String field, String why) {
    String message =
        "failed to create typed patch object (%s/%s; %s, Kind=%s): .%s: %s"
            .formatted(
                configuration.namespace(),
                configuration.name(),
                type.apiVersion(),
                type.kind(),
                field,
                why);
    return new ApiException(500, "", message, Json.object());
  }

  KubeObject complete(KubeObject object, ResourceType type) {
    KindRules kind = kinds.of(type);
    if (type.custom()) {
      Defaults.apply(object.json(), type.schema());
      EmptyParts.remove(object.metadata(), type.schema().field("metadata"));
    } else {
      EmptyParts.remove(object.json(), type.schema());
    }
    kind.defaults(object);
    return canonical(object);
  }

  void check(Optional<KubeObject> live, KubeObject after, ResourceType type) {
    JsonNode labels = after.metadata().path("labels");
    List<Cause> causes = new ArrayList<>(LabelChecks.of(labels, "metadata.labels"));
    if (type.custom()) {
      causes.addAll(Validator.validate(after.json(), type.schema()));
      if (causes.stream().anyMatch(c -> BLOCKING.contains(c.reason()))) {
        causes.add(UNCHECKED_RULES);
      } else {
        causes.addAll(rules.evaluate(type.schema(), after.json(), live.map(KubeObject::json)));
      }
      type.scale().ifPresent(paths -> causes.addAll(negativeReplicas(after, paths)));
    }
    KindRules kind = kinds.of(type);
    causes.addAll(
        live.map(l -> kind.validateUpdate(l, after)).orElseGet(() -> kind.validate(after)));
    if (!causes.isEmpty()) {
      throw ApiException.invalid(type, after.name(), causes);
    }
  }

  private static List<Cause> negativeReplicas(KubeObject object, ScalePaths paths) {
    return Stream.of(paths.spec(), paths.status())
        .filter(path -> object.at(path).asLong() < 0)
        .map(path ->
            Cause.invalid("." + path, object.at(path).asText(), "should be a non-negative integer"))
        .toList();
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
