package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Pods: what the server fills in, graceful deletion and eviction. */
interface PodConformance {
  String BOUND = "\"nodeName\": \"conformance\",";

  @Test
  default void aPodGetsItsDefaults(Sandbox box) {
    Reply pod = create(box, "");
    assertEquals("Pending", pod.text("/status/phase"));
    assertEquals("BestEffort", pod.text("/status/qosClass"));
    assertEquals(30, pod.at("/spec/terminationGracePeriodSeconds").asInt());
    assertEquals("Always", pod.text("/spec/restartPolicy"));
    assertEquals("default", pod.text("/spec/serviceAccountName"));
    assertEquals("IfNotPresent", pod.text("/spec/containers/0/imagePullPolicy"));
  }

  @Test
  default void aDeletedPodStaysUntilItsNodeLetsItGo(Sandbox box) {
    create(box, BOUND);
    Reply deleted = box.api().delete(box.core("pods/p")).expect(200);
    assertEquals(30, deleted.at("/metadata/deletionGracePeriodSeconds").asInt());
    Instant end = Instant.parse(deleted.text("/metadata/deletionTimestamp"));
    assertTrue(end.isAfter(Instant.now().plusSeconds(20)), end.toString());
    Reply now = box.api().get(box.core("pods/p")).expect(200);
    assertTrue(now.has("/metadata/deletionTimestamp"));
    box.api().delete(box.core("pods/p"), "{\"gracePeriodSeconds\": 0}").expect(200);
    box.api().get(box.core("pods/p")).expect(404);
  }

  @Test
  default void theGracePeriodIsThePodsOwn(Sandbox box) {
    create(box, BOUND + "\"terminationGracePeriodSeconds\": 7,");
    Reply deleted = box.api().delete(box.core("pods/p")).expect(200);
    assertEquals(7, deleted.at("/metadata/deletionGracePeriodSeconds").asInt());
  }

  @Test
  default void aGracePeriodMayShrinkButNotGrow(Sandbox box) {
    create(box, BOUND);
    box.api().delete(box.core("pods/p"), "{\"gracePeriodSeconds\": 20}").expect(200);
    box.api().delete(box.core("pods/p"), "{\"gracePeriodSeconds\": 5}").expect(200);
    box.api().delete(box.core("pods/p"), "{\"gracePeriodSeconds\": 90}").expect(200);
    Reply now = box.api().get(box.core("pods/p")).expect(200);
    assertEquals(5, now.at("/metadata/deletionGracePeriodSeconds").asInt());
  }

  @Test
  default void aPodWithoutANodeGoesAtOnce(Sandbox box) {
    create(box, "");
    box.api().delete(box.core("pods/p")).expect(200);
    box.api().get(box.core("pods/p")).expect(404);
  }

  @Test
  default void aFinishedPodGoesAtOnce(Sandbox box) {
    create(box, BOUND);
    box.api()
        .patch(box.core("pods/p/status"), Api.MERGE, "{\"status\": {\"phase\": \"Succeeded\"}}")
        .expect(200);
    box.api().delete(box.core("pods/p")).expect(200);
    box.api().get(box.core("pods/p")).expect(404);
  }

  @Test
  default void aWatchSeesTheWholeEnd(Sandbox box) {
    create(box, BOUND);
    try (WatchStream watch = box.api().watch(box.core("pods?watch=true"))) {
      watch.expect("ADDED", "p");
      box.api().delete(box.core("pods/p")).expect(200);
      assertTrue(watch.expect("MODIFIED", "p").at("/metadata").has("deletionTimestamp"));
      box.api().delete(box.core("pods/p"), "{\"gracePeriodSeconds\": 0}").expect(200);
      assertEquals("p", watch.awaitType("DELETED").at("/metadata/name").asText());
    }
  }

  @Test
  default void loopbackAddressesAreFine(Sandbox box) {
    create(box, BOUND);
    Reply pod =
        box.api()
            .patch(
                box.core("pods/p/status"),
                Api.STRATEGIC,
                "{\"status\": {\"podIP\": \"127.70.1.2\", \"podIPs\": [{\"ip\": \"127.70.1.2\"}], \"hostIP\": \"127.70.0.1\"}}")
            .expect(200);
    assertEquals("127.70.1.2", pod.text("/status/podIP"));
  }

  @Test
  default void aBindingGivesAPodItsNode(Sandbox box) {
    create(box, "");
    String binding =
        """
        {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": {"kind": "Node", "name": "conformance"}}
        """;
    box.api().post(box.core("pods/p/binding"), binding).expect(201);
    Reply pod = box.api().get(box.core("pods/p"));
    assertEquals("conformance", pod.text("/spec/nodeName"));
    assertEquals("PodScheduled", pod.text("/status/conditions/0/type"));
    box.api().post(box.core("pods/p/binding"), binding).expect(409);
  }

  @Test
  default void mostOfAPodCanNotChange(Sandbox box) {
    create(box, BOUND);
    box.api()
        .patch(box.core("pods/p"), Api.MERGE, "{\"metadata\": {\"labels\": {\"x\": \"y\"}}}")
        .expect(200);
    box.api()
        .patch(box.core("pods/p"), Api.MERGE, "{\"spec\": {\"nodeName\": \"other\"}}")
        .expect(422)
        .saying("pod updates may not change fields other than");
  }

  @Test
  default void evictionRespectsTheBudget(Sandbox box) {
    String budget =
        """
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
         "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "d"}}}}
        """;
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 1)).expect(201);
    box.api()
        .post("/apis/policy/v1/namespaces/" + box.namespace() + "/poddisruptionbudgets", budget)
        .expect(201);
    String budgetPath = "/apis/policy/v1/namespaces/" + box.namespace() + "/poddisruptionbudgets/b";
    try (var _ = box.kubelet()) {
      Eventually.holds(
          "the budget is counted",
          () -> box.api().get(budgetPath).at("/status/currentHealthy").asInt() == 1);
      String pod = box.api().get(box.core("pods")).text("/items/0/metadata/name");
      evict(box, pod)
          .expect(429)
          .saying("Cannot evict pod as it would violate the pod's disruption budget.");
      box.kubectl().run("scale", "deployment", "d", "--replicas=2");
      Eventually.holds(
          "one may go",
          () -> box.api().get(budgetPath).at("/status/disruptionsAllowed").asInt() == 1);
      evict(box, pod).expect(201);
      Eventually.holds("the pod has gone", () -> !box.exists(box.core("pods/" + pod)));
    }
  }

  private static Reply evict(Sandbox box, String pod) {
    String eviction =
        "{\"apiVersion\": \"policy/v1\", \"kind\": \"Eviction\", \"metadata\": {\"name\": \""
            + pod
            + "\"}}";
    return box.api().post(box.core("pods/" + pod + "/eviction"), eviction);
  }

  private static Reply create(Sandbox box, String spec) {
    Reply pod = box.api().post(box.core("pods"), Manifests.pod("p", spec)).expect(201);
    assertFalse(pod.has("/metadata/deletionTimestamp"));
    return pod;
  }
}
