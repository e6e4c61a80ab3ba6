package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Works out a container's environment variables; later ones may refer to earlier ones. */
record EnvironmentResolver(ConfigData data, String namespace, FieldReferences fields) {

  Map<String, String> resolve(Container container) throws ContainerConfigException {
    var values = new LinkedHashMap<String, String>();
    for (EnvFromSource source : orEmpty(container.getEnvFrom())) {
      addAll(source, values);
    }
    for (EnvVar variable : orEmpty(container.getEnv())) {
      Optional<String> value = value(variable, values);
      value.ifPresent(v -> values.put(variable.getName(), v));
    }
    return values;
  }

  private Optional<String> value(EnvVar variable, Map<String, String> before)
      throws ContainerConfigException {
    EnvVarSource source = variable.getValueFrom();
    if (source == null) {
      String text = variable.getValue() == null ? "" : variable.getValue();
      return Optional.of(VariableReferences.expand(text, before));
    }
    if (source.getFieldRef() != null) {
      return Optional.of(fields.value(source.getFieldRef().getFieldPath()));
    }
    if (source.getSecretKeyRef() != null) {
      var ref = source.getSecretKeyRef();
      return key(
          "secret",
          ref.getName(),
          ref.getKey(),
          ref.getOptional(),
          data.secret(namespace, ref.getName()));
    }
    if (source.getConfigMapKeyRef() != null) {
      var ref = source.getConfigMapKeyRef();
      return key(
          "configmap",
          ref.getName(),
          ref.getKey(),
          ref.getOptional(),
          data.configMap(namespace, ref.getName()));
    }
    throw new ContainerConfigException(
        "environment variable "
            + variable.getName()
            + ": its valueFrom is not one that the local node knows");
  }

  private Optional<String> key(
      String kind, String name, String key, Boolean optional, Optional<Map<String, byte[]>> found)
      throws ContainerConfigException {
    Optional<String> value =
        found.map(map -> map.get(key)).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    if (value.isEmpty() && !Boolean.TRUE.equals(optional)) {
      String what =
          found.isEmpty()
              ? kind + " \"" + name + "\" not found"
              : "couldn't find key " + key + " in " + kind + " " + namespace + "/" + name;
      throw new ContainerConfigException(what);
    }
    return value;
  }

  private void addAll(EnvFromSource source, Map<String, String> values)
      throws ContainerConfigException {
    boolean secret = source.getSecretRef() != null;
    String name = secret ? source.getSecretRef().getName() : source.getConfigMapRef().getName();
    Boolean optional =
        secret ? source.getSecretRef().getOptional() : source.getConfigMapRef().getOptional();
    var found = secret ? data.secret(namespace, name) : data.configMap(namespace, name);
    if (found.isEmpty() && !Boolean.TRUE.equals(optional)) {
      throw new ContainerConfigException(
          (secret ? "secret" : "configmap") + " \"" + name + "\" not found");
    }
    String prefix = source.getPrefix() == null ? "" : source.getPrefix();
    found
        .orElse(Map.of())
        .forEach(
            (key, bytes) -> values.put(prefix + key, new String(bytes, StandardCharsets.UTF_8)));
  }

  private static <T> List<T> orEmpty(List<T> list) {
    return list == null ? List.of() : list;
  }
}
