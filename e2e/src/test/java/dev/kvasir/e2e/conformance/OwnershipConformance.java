package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes when its owner goes, and what holds it back. */
interface OwnershipConformance {
  @Test
  default void dependentsAreCollected(Sandbox box) {
    Reply owner = owner(box, "owner");
    dependent(box, "child", owner, "");
    Reply child = box.api().get(box.core("configmaps/child"));
    dependent(box, "grandchild", child, "");
    box.api().delete(box.core("configmaps/owner"), policy("Background")).expect(200);
    assertFalse(box.exists(box.core("configmaps/owner")));
    awaitGone(box, "child");
    awaitGone(box, "grandchild");
  }

  @Test
  default void aForegroundDeleteWaitsForBlockingDependents(Sandbox box) {
    Reply owner = owner(box, "owner");
    dependent(box, "child", owner, "\"finalizers\": [\"kvasir.dev/hold\"],");
    box.api().delete(box.core("configmaps/owner"), policy("Foreground")).expect(200);
    Reply waiting = box.api().get(box.core("configmaps/owner")).expect(200);
    assertEquals("[\"foregroundDeletion\"]", waiting.at("/metadata/finalizers").toString());
    assertTrue(waiting.has("/metadata/deletionTimestamp"));
    Eventually.holds(
        "the dependent is being deleted",
        () -> box.api().get(box.core("configmaps/child")).has("/metadata/deletionTimestamp"));
    assertTrue(box.exists(box.core("configmaps/owner")));
    box.api()
        .patch(box.core("configmaps/child"), Api.MERGE, "{\"metadata\": {\"finalizers\": null}}")
        .expect(200);
    awaitGone(box, "child");
    awaitGone(box, "owner");
  }

  @Test
  default void orphansStay(Sandbox box) {
    Reply owner = owner(box, "owner");
    dependent(box, "child", owner, "");
    box.api().delete(box.core("configmaps/owner"), policy("Orphan")).expect(200);
    awaitGone(box, "owner");
    Eventually.holds(
        "the owner reference is removed",
        () ->
            box.api()
                .get(box.core("configmaps/child"))
                .expect(200)
                .at("/metadata/ownerReferences")
                .isEmpty());
  }

  @Test
  default void oneOfTwoOwnersIsEnough(Sandbox box) {
    Reply one = owner(box, "one");
    Reply two = owner(box, "two");
    String both =
        Manifests.ownedBy(one, false).replace("]\n", "")
            + Manifests.ownedBy(two, false).replace("\"ownerReferences\": [", ", ");
    box.api().post(box.core("configmaps"), Manifests.configMapWith("child", both)).expect(201);
    box.api().delete(box.core("configmaps/one")).expect(200);
    Eventually.holds(
        "the reference to the owner that has gone is removed",
        () ->
            box.api()
                    .get(box.core("configmaps/child"))
                    .expect(200)
                    .at("/metadata/ownerReferences")
                    .size()
                == 1);
    box.api().delete(box.core("configmaps/two")).expect(200);
    awaitGone(box, "child");
  }

  @Test
  default void aDependentOfAnotherUidIsCollected(Sandbox box) {
    Reply owner = owner(box, "owner");
    String stranger =
        Manifests.ownedBy(owner, false)
            .replace(owner.text("/metadata/uid"), "5d1f5b9c-0000-4000-8000-000000000000");
    box.api().post(box.core("configmaps"), Manifests.configMapWith("child", stranger)).expect(201);
    awaitGone(box, "child");
    assertTrue(box.exists(box.core("configmaps/owner")));
  }

  @Test
  default void aFinalizerHoldsTheObject(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api()
        .patch(
            box.widgets("/w"), Api.MERGE, "{\"metadata\": {\"finalizers\": [\"kvasir.dev/hold\"]}}")
        .expect(200);
    Reply deleted = box.api().delete(box.widgets("/w")).expect(200);
    assertTrue(deleted.has("/metadata/deletionTimestamp"));
    box.api()
        .patch(box.widgets("/w/status"), Api.MERGE, "{\"status\": {\"note\": \"leaving\"}}")
        .expect(200);
    box.api()
        .patch(
            box.widgets("/w"),
            Api.MERGE,
            "{\"metadata\": {\"finalizers\": [\"kvasir.dev/hold\", \"kvasir.dev/late\"]}}")
        .expect(422)
        .saying("no new finalizers can be added if the object is being deleted");
    box.api()
        .patch(box.widgets("/w"), Api.MERGE, "{\"metadata\": {\"finalizers\": []}}")
        .expect(200);
    box.api().get(box.widgets("/w")).expect(404);
  }

  @Test
  default void aCustomResourceTakesItsDeploymentAlong(Sandbox box) {
    Reply owner =
        box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    String body =
        Manifests.deployment("d", 1)
            .replace(
                "\"metadata\": {\"name\": \"d\"}",
                "\"metadata\": {\"name\": \"d\", " + Manifests.ownedBy(owner, true) + "}");
    box.api().post(box.apps("deployments"), body).expect(201);
    try (var _ = box.kubelet()) {
      Eventually.holds("a pod", () -> box.api().get(box.core("pods")).at("/items").size() == 1);
      box.kubectl().run("delete", "wdg", "w", "--timeout=20s");
      for (String path :
          List.of(box.apps("deployments"), box.apps("replicasets"), box.core("pods"))) {
        Eventually.holds(path + " is empty", () -> box.api().get(path).at("/items").isEmpty());
      }
    }
  }

  @Test
  default void kubectlWaitsForAForegroundDelete(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 2)).expect(201);
    try (var _ = box.kubelet()) {
      Eventually.holds("two pods", () -> box.api().get(box.core("pods")).at("/items").size() == 2);
      box.kubectl().run("delete", "deployment", "d", "--cascade=foreground", "--timeout=30s");
      assertEquals(0, box.api().get(box.apps("replicasets")).at("/items").size());
    }
  }

  @Test
  default void aNamespaceTakesEverythingAlong(Sandbox box) {
    box.kubectl().run("create", "namespace", box.namespace() + "-more");
    var inside = new Kubectl(box.kubectl().kubeconfig(), box.namespace() + "-more");
    inside.run("create", "configmap", "a");
    inside.withInput(Manifests.widget("w", "{\"size\": 1}"), "create", "-f", "-");
    box.kubectl().run("delete", "namespace", box.namespace() + "-more", "--timeout=40s");
    box.api().get("/api/v1/namespaces/" + box.namespace() + "-more/configmaps/a").expect(404);
    box.api().get("/api/v1/namespaces/" + box.namespace() + "-more").expect(404);
  }

  private static Reply owner(Sandbox box, String name) {
    return box.api().post(box.core("configmaps"), Manifests.configMap(name, "{}")).expect(201);
  }

  private static void dependent(Sandbox box, String name, Reply owner, String metadata) {
    String body = Manifests.configMapWith(name, metadata + Manifests.ownedBy(owner, true));
    box.api().post(box.core("configmaps"), body).expect(201);
  }

  private static String policy(String policy) {
    return "{\"propagationPolicy\": \"" + policy + "\"}";
  }

  private static void awaitGone(Sandbox box, String name) {
    Eventually.holds(name + " is gone", () -> !box.exists(box.core("configmaps/" + name)));
  }
}
