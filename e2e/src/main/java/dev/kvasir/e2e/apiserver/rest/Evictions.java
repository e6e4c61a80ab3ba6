package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.selection.LabelSelector;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import java.util.List;

/** Whether a pod may be evicted: its disruption budgets say, counted from the pods as they are. */
final class Evictions {
  private static final String BUDGETS = "poddisruptionbudgets.policy";

  private final ObjectStore store;

  Evictions(ObjectStore store) {
    this.store = store;
  }

  void check(KubeObject pod) {
    for (KubeObject budget : store.list(BUDGETS).objects()) {
      boolean covers =
          budget.namespace().equals(pod.namespace())
              && LabelSelector.of(budget.spec().path("selector")).test(pod.labels());
      if (covers && ready(pod) && !allows(budget)) {
        throw ApiException.tooManyRequests(
            "Cannot evict pod as it would violate the pod's disruption budget.");
      }
    }
  }

  private boolean allows(KubeObject budget) {
    LabelSelector selector = LabelSelector.of(budget.spec().path("selector"));
    List<KubeObject> covered =
        store.list("pods").objects().stream()
            .filter(p -> p.namespace().equals(budget.namespace()) && selector.test(p.labels()))
            .toList();
    long healthy = covered.stream().filter(p -> ready(p) && !p.deleting()).count();
    JsonNode least = budget.spec().path("minAvailable");
    if (!least.isMissingNode()) {
      return healthy - 1 >= share(least, covered.size());
    }
    long lost = covered.size() - healthy;
    return lost + 1 <= share(budget.spec().path("maxUnavailable"), covered.size());
  }

  /** A number, or a percentage of all, rounded up as upstream does for both. */
  private static long share(JsonNode value, int all) {
    String text = value.asText("0");
    if (!text.endsWith("%")) {
      return Long.parseLong(text);
    }
    long percent = Long.parseLong(text.substring(0, text.length() - 1));
    return Math.ceilDiv(all * percent, 100L);
  }

  private static boolean ready(KubeObject pod) {
    for (JsonNode condition : pod.status().path("conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        return Json.text(condition, "status").equals("True");
      }
    }
    return false;
  }
}
