package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A pod begins Pending, keeps its spec, and is deleted with grace once it has a node. */
final class PodRules implements KindRules {
  private static final long DEFAULT_GRACE = 30;
  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  @Override
  public void create(KubeObject pod) {
    ObjectNode status = pod.json().putObject("status");
    status.put("phase", "Pending").put("qosClass", qualityOfService(pod.spec()));
  }

  @Override
  public void defaults(KubeObject pod) {
    ObjectNode spec = Json.child(pod.json(), "spec");
    PodDefaults.apply(spec);
    Json.setDefault(spec, "enableServiceLinks", true);
    Json.setDefault(spec, "serviceAccountName", "default");
    Json.setDefault(spec, "serviceAccount", spec.get("serviceAccountName"));
    Json.setDefault(spec, "preemptionPolicy", "PreemptLowerPriority");
    Json.setDefault(spec, "priority", 0);
  }

  @Override
  public List<Cause> validate(KubeObject pod) {
    return PodChecks.of(pod.spec(), "spec");
  }

  @Override
  public List<Cause> validateUpdate(KubeObject before, KubeObject after) {
    List<Cause> causes = new ArrayList<>(validate(after));
    if (!fixedPart(before).equals(fixedPart(after))) {
      causes.add(
          new Cause(
              "FieldValueForbidden",
              "Forbidden: pod updates may not change fields other than"
                  + " `spec.containers[*].image`,`spec.initContainers[*].image`,"
                  + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
                  + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if"
                  + " it was previously negative)",
              "spec"));
    }
    return causes;
  }

  @Override
  public long grace(KubeObject pod, long asked) {
    boolean nobodyRunsIt =
        Json.text(pod.spec(), "nodeName").isEmpty()
            || ENDED.contains(Json.text(pod.status(), "phase"));
    if (nobodyRunsIt) {
      return 0;
    }
    return asked >= 0
        ? asked
        : pod.spec().path("terminationGracePeriodSeconds").asLong(DEFAULT_GRACE);
  }

  private static ObjectNode fixedPart(KubeObject pod) {
    ObjectNode spec = Json.child(pod.copy().json(), "spec");
    spec.remove(List.of("activeDeadlineSeconds", "tolerations"));
    for (String list : List.of("initContainers", "containers")) {
      spec.path(list).forEach(c -> ((ObjectNode) c).remove("image"));
    }
    return spec;
  }

  private static String qualityOfService(JsonNode spec) {
    boolean any = false;
    boolean guaranteed = true;
    for (JsonNode container : spec.path("containers")) {
      JsonNode limits = container.path("resources").path("limits");
      JsonNode requests = container.path("resources").path("requests");
      any |= !limits.isEmpty() || !requests.isEmpty();
      boolean both = limits.has("cpu") && limits.has("memory");
      guaranteed &= both && (requests.isEmpty() || requests.equals(limits));
    }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
  }
}
