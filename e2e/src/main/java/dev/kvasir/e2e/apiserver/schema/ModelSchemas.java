package dev.kvasir.e2e.apiserver.schema;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Schemas of the built-in kinds, read from the classes of the client's model: what fields there
 * are, and how they merge.
 */
public final class ModelSchemas {
  /** Fields that a strategic merge or an apply needs the default of, to tell items apart. */
  private static final Map<String, String> KEY_DEFAULTS =
      Map.of("ContainerPort.protocol", "TCP", "ServicePort.protocol", "TCP");

  private static final Set<Class<?>> INTEGERS = Set.of(Integer.class, Long.class);
  private static final Set<Class<?>> NUMBERS = Set.of(Double.class, Float.class, Number.class);
  private static final Schema INT_OR_STRING =
      Schema.parse(Json.object().put("x-kubernetes-int-or-string", true));

  private static final String MODEL = "io.fabric8.kubernetes.api.model.";

  private final Map<Class<?>, Schema> byClass = new LinkedHashMap<>();
  private final IdentityHashMap<Schema, String> names = new IdentityHashMap<>();

  /** The schema of a class of the model, for example Deployment. */
  public synchronized Schema of(Class<?> model) {
    Schema known = byClass.get(model);
    if (known != null) {
      return known;
    }
    Schema schema = read(model);
    byClass.put(model, schema);
    names.put(schema, model.getName().replace(MODEL, ""));
    return schema;
  }

  /** The name of a class's schema; other schemas have none. */
  public synchronized Optional<String> nameOf(Schema schema) {
    return Optional.ofNullable(names.get(schema));
  }

  /** The schema of a custom resource: its own, and the metadata that every object has. */
  public Schema customResource(ObjectNode openApi) {
    Schema text = leaf("string");
    return Schema.parse(
        openApi, Map.of("apiVersion", text, "kind", text, "metadata", of(ObjectMeta.class)));
  }

  private Schema read(Class<?> model) {
    Map<String, Schema> properties = new LinkedHashMap<>();
    for (Field field : model.getDeclaredFields()) {
      JsonProperty property = field.getAnnotation(JsonProperty.class);
      if (property != null) {
        properties.put(
            property.value(),
            schemaOf(field.getGenericType(), model.getSimpleName(), property.value()));
      }
    }
    return new Schema(
        "object",
        properties,
        Optional.empty(),
        Optional.empty(),
        Schema.ListType.ATOMIC,
        List.of(),
        "",
        MergeKeys.atomic("", "", model.getSimpleName()),
        false,
        false,
        properties.isEmpty(),
        Json.object().put("type", "object"));
  }

  private Schema schemaOf(Type type, String owner, String field) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      return Collection.class.isAssignableFrom((Class<?>) generic.getRawType())
          ? list(schemaOf(arguments[0], owner, ""), owner, field)
          : map(schemaOf(arguments[1], owner, ""), owner, field);
    }
    if (!(type instanceof Class<?> model)) {
      return Schema.ANY;
    }
    return scalar(model, owner + "." + field).orElseGet(() -> object(model));
  }

  private Schema object(Class<?> model) {
    boolean described =
        model.getName().startsWith(MODEL) && !model.isInterface() && model != JSONSchemaProps.class;
    return described && !of(model).properties().isEmpty() ? of(model) : Schema.ANY;
  }

  private static Optional<Schema> scalar(Class<?> model, String path) {
    if (model == String.class || model == MicroTime.class || model.isEnum()) {
      String keyDefault = KEY_DEFAULTS.get(path);
      return Optional.of(
          keyDefault == null
              ? leaf("string")
              : Schema.parse(Json.object().put("type", "string").put("default", keyDefault)));
    }
    if (model == Boolean.class) {
      return Optional.of(leaf("boolean"));
    }
    if (INTEGERS.contains(model)) {
      return Optional.of(leaf("integer"));
    }
    if (NUMBERS.contains(model)) {
      return Optional.of(leaf("number"));
    }
    return model == IntOrString.class || model == Quantity.class
        ? Optional.of(INT_OR_STRING)
        : Optional.empty();
  }

  private static Schema leaf(String type) {
    return Schema.parse(Json.object().put("type", type));
  }

  private static Schema list(Schema items, String owner, String field) {
    return new Schema(
        "array",
        Map.of(),
        Optional.empty(),
        Optional.of(items),
        MergeKeys.listType(owner, field),
        MergeKeys.keys(owner, field),
        MergeKeys.strategicKey(owner, field),
        false,
        false,
        false,
        false,
        Json.object().put("type", "array"));
  }

  private static Schema map(Schema values, String owner, String field) {
    return new Schema(
        "object",
        Map.of(),
        Optional.of(values),
        Optional.empty(),
        Schema.ListType.ATOMIC,
        List.of(),
        "",
        MergeKeys.atomic(owner, field, ""),
        false,
        false,
        false,
        Json.object().put("type", "object"));
  }
}
