package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The checks of a pod's spec that a mistake of ours could run into. */
final class PodChecks {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private final List<Cause> causes = new ArrayList<>();
  private final Set<String> volumes = new HashSet<>();

  static List<Cause> of(JsonNode spec, String path) {
    PodChecks checks = new PodChecks();
    checks.spec(spec, path);
    return checks.causes;
  }

  private void spec(JsonNode spec, String path) {
    causes.addAll(LabelChecks.of(spec.path("nodeSelector"), path + ".nodeSelector"));
    volumes(spec.path("volumes"), path + ".volumes");
    JsonNode containers = spec.path("containers");
    if (containers.isEmpty()) {
      causes.add(Cause.required(path + ".containers"));
    }
    Set<String> names = new HashSet<>();
    for (String list : List.of("initContainers", "containers")) {
      for (int i = 0; i < spec.path(list).size(); i++) {
        container(spec.path(list).get(i), path + "." + list + "[" + i + "]", names);
      }
    }
  }

  private void volumes(JsonNode list, String path) {
    for (int i = 0; i < list.size(); i++) {
      name(Json.text(list.get(i), "name"), path + "[" + i + "].name", volumes);
    }
  }

  private void container(JsonNode container, String path, Set<String> names) {
    name(Json.text(container, "name"), path + ".name", names);
    if (Json.text(container, "image").isEmpty()) {
      causes.add(Cause.required(path + ".image"));
    }
    JsonNode mounts = container.path("volumeMounts");
    for (int i = 0; i < mounts.size(); i++) {
      String mounted = Json.text(mounts.get(i), "name");
      if (!volumes.contains(mounted)) {
        causes.add(
            new Cause(
                "FieldValueNotFound",
                "Not found: \"" + mounted + "\"",
                path + ".volumeMounts[" + i + "].name"));
      }
    }
    JsonNode env = container.path("env");
    for (int i = 0; i < env.size(); i++) {
      if (Json.text(env.get(i), "name").isEmpty()) {
        causes.add(Cause.required(path + ".env[" + i + "].name"));
      }
    }
  }

  private void name(String name, String path, Set<String> taken) {
    if (name.isEmpty()) {
      causes.add(Cause.required(path));
    } else if (!LABEL.matcher(name).matches()) {
      causes.add(
          Cause.invalid(
              path,
              "\"" + name + "\"",
              "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
                  + " '-', and must start and end with an alphanumeric character (e.g. 'my-name',"
                  + "  or '123-abc', regex used for validation is"
                  + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"));
    } else if (!taken.add(name)) {
      causes.add(new Cause("FieldValueDuplicate", "Duplicate value: \"" + name + "\"", path));
    }
  }
}
