package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Deployment to ReplicaSet to pods, while another plays the node. */
interface WorkloadConformance {
  @Test
  default void aDeploymentBringsUpItsPods(Sandbox box) {
    deploy(box, 2, "");
    try (var _ = box.kubelet()) {
      Deployment ready = awaitReady(box, 2);
      assertEquals(1, ready.getStatus().getObservedGeneration());
      assertEquals(2, ready.getStatus().getUpdatedReplicas());
      assertEquals("True", condition(ready, "Available"));
      assertEquals("True", condition(ready, "Progressing"));
      Pod pod = pods(box).getFirst();
      var owner = pod.getMetadata().getOwnerReferences().getFirst();
      assertEquals("ReplicaSet", owner.getKind());
      assertTrue(owner.getController());
      String hash = pod.getMetadata().getLabels().get("pod-template-hash");
      assertEquals("d-" + hash, owner.getName());
    }
  }

  @Test
  default void aDeletedPodIsReplaced(Sandbox box) {
    deploy(box, 1, "");
    try (var _ = box.kubelet()) {
      awaitReady(box, 1);
      String first = names(box).iterator().next();
      box.kubectl().run("delete", "pod", first);
      Eventually.holds(
          "another pod is ready",
          () ->
              pods(box).stream()
                  .anyMatch(pod -> !name(pod).equals(first) && Readiness.isPodReady(pod)));
    }
  }

  @Test
  default void aFailedPodIsReplaced(Sandbox box) {
    deploy(box, 1, "");
    Eventually.holds("a pod", () -> pods(box).size() == 1);
    String first = names(box).iterator().next();
    box.api()
        .patch(
            box.core("pods/" + first + "/status"),
            Api.MERGE,
            "{\"status\": {\"phase\": \"Failed\"}}")
        .expect(200);
    Eventually.holds(
        "a pod in its place",
        () -> pods(box).stream().anyMatch(pod -> "Pending".equals(pod.getStatus().getPhase())));
  }

  @Test
  default void scalingDownTakesTheCheapestPod(Sandbox box) {
    deploy(box, 3, "");
    try (var _ = box.kubelet()) {
      awaitReady(box, 3);
      List<String> all = names(box).stream().sorted().toList();
      annotate(box, all.get(0), "10");
      annotate(box, all.get(1), "-5");
      annotate(box, all.get(2), "0");
      box.kubectl().run("scale", "deployment", "d", "--replicas=2");
      Eventually.get(
          "the cheapest has gone", () -> names(box), Set.of(all.get(0), all.get(2))::equals);
      box.kubectl().run("scale", "deployment", "d", "--replicas=1");
      Eventually.get("the next has gone", () -> names(box), Set.of(all.get(0))::equals);
    }
  }

  @Test
  default void scalingDownTakesAnUnreadyPodBeforeACheapOne(Sandbox box) {
    deploy(box, 3, "");
    try (var kubelet = box.kubelet()) {
      kubelet.readyOnly(pod -> !name(pod).equals(last(box)));
      Eventually.holds(
          "two are ready", () -> pods(box).stream().filter(Readiness::isPodReady).count() == 2);
      String unready =
          pods(box).stream()
              .filter(pod -> !Readiness.isPodReady(pod))
              .map(WorkloadConformance::name)
              .findFirst()
              .orElseThrow();
      String cheap =
          names(box).stream().filter(name -> !name.equals(unready)).findFirst().orElseThrow();
      annotate(box, cheap, "-100");
      kubelet.readyOnly(pod -> false);
      box.kubectl().run("scale", "deployment", "d", "--replicas=2");
      Eventually.holds("one has gone", () -> names(box).size() == 2);
      assertFalse(names(box).contains(unready));
    }
  }

  @Test
  default void aRolloutKeepsWithinSurgeAndUnavailability(Sandbox box) {
    deploy(box, 3, "\"strategy\": {\"rollingUpdate\": {\"maxSurge\": 1, \"maxUnavailable\": 0}},");
    try (var _ = box.kubelet()) {
      awaitReady(box, 3);
      Set<String> before = names(box);
      var over = new AtomicBoolean();
      var under = new AtomicBoolean();
      changeImage(box, "conformance/none:2");
      Eventually.holds(
          "only new pods, all ready",
          () -> {
            List<Pod> living =
                pods(box).stream()
                    .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                    .toList();
            long ready = living.stream().filter(Readiness::isPodReady).count();
            over.compareAndSet(false, living.size() > 4);
            under.compareAndSet(false, ready < 3);
            return ready == 3
                && living.size() == 3
                && living.stream().noneMatch(pod -> before.contains(name(pod)));
          });
      assertFalse(over.get(), "more pods than replicas and surge");
      assertFalse(under.get(), "fewer ready pods than replicas");
      assertEquals(2, box.api().get(box.apps("replicasets")).at("/items").size());
    }
  }

  @Test
  default void aRolloutWithoutSurgeTakesOneAway(Sandbox box) {
    deploy(box, 2, "\"strategy\": {\"rollingUpdate\": {\"maxSurge\": 0, \"maxUnavailable\": 1}},");
    try (var kubelet = box.kubelet()) {
      awaitReady(box, 2);
      Set<String> before = names(box);
      kubelet.readyOnly(pod -> false);
      changeImage(box, "conformance/none:2");
      Eventually.holds(
          "one new pod", () -> names(box).stream().anyMatch(name -> !before.contains(name)));
      Eventually.holds("two pods", () -> names(box).size() == 2);
      assertEquals(1, names(box).stream().filter(before::contains).count());
    }
  }

  @Test
  default void recreateEndsAllBeforeItStartsAny(Sandbox box) {
    deploy(box, 2, "\"strategy\": {\"type\": \"Recreate\"},");
    Eventually.holds("two pods", () -> names(box).size() == 2);
    pods(box).forEach(pod -> TestingKubelet.markReady(box.client(), pod));
    awaitReady(box, 2);
    Set<String> before = names(box);
    changeImage(box, "conformance/none:2");
    Eventually.holds(
        "both are told to end",
        () -> pods(box).stream().allMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null));
    assertEquals(before, names(box));
    try (var _ = box.kubelet()) {
      Eventually.holds(
          "two new pods",
          () -> names(box).size() == 2 && names(box).stream().noneMatch(before::contains));
    }
  }

  @Test
  default void aPausedDeploymentDoesNotRollOut(Sandbox box) {
    deploy(box, 1, "");
    try (var _ = box.kubelet()) {
      awaitReady(box, 1);
      box.kubectl().run("rollout", "pause", "deployment/d");
      changeImage(box, "conformance/none:2");
      Eventually.get(
          "the change is seen",
          () -> deployment(box),
          d -> d.getStatus().getObservedGeneration().equals(d.getMetadata().getGeneration()));
      assertEquals(1, box.api().get(box.apps("replicasets")).at("/items").size());
      box.kubectl().run("rollout", "resume", "deployment/d");
      Eventually.holds(
          "it rolls out", () -> box.api().get(box.apps("replicasets")).at("/items").size() == 2);
    }
  }

  @Test
  default void aRolloutThatDoesNotProgressSaysSo(Sandbox box) {
    deploy(box, 1, "\"progressDeadlineSeconds\": 1,");
    Eventually.get(
        "the deadline is reported",
        () -> deployment(box),
        d -> "False".equals(condition(d, "Progressing")));
    var refused = box.kubectl().failing("", "rollout", "status", "deployment/d", "--timeout=20s");
    assertTrue(refused.output().contains("exceeded its progress deadline"), refused.output());
  }

  @Test
  default void aRolloutIsUndone(Sandbox box) {
    deploy(box, 1, "");
    try (var _ = box.kubelet()) {
      awaitReady(box, 1);
      changeImage(box, "conformance/none:2");
      box.kubectl().run("rollout", "status", "deployment/d", "--timeout=30s");
      assertEquals(
          "2",
          deployment(box).getMetadata().getAnnotations().get("deployment.kubernetes.io/revision"));
      box.kubectl().run("rollout", "undo", "deployment/d");
      box.kubectl().run("rollout", "status", "deployment/d", "--timeout=30s");
      assertEquals(
          "conformance/none:1",
          deployment(box).getSpec().getTemplate().getSpec().getContainers().getFirst().getImage());
      assertEquals(2, box.api().get(box.apps("replicasets")).at("/items").size());
    }
  }

  private static void deploy(Sandbox box, int replicas, String more) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", replicas, more)).expect(201);
  }

  private static void changeImage(Sandbox box, String image) {
    box.kubectl().run("set", "image", "deployment/d", "c=" + image);
  }

  private static void annotate(Sandbox box, String pod, String cost) {
    box.kubectl().run("annotate", "pod", pod, "controller.kubernetes.io/pod-deletion-cost=" + cost);
  }

  private static Deployment awaitReady(Sandbox box, int replicas) {
    return Eventually.get(
        replicas + " are available",
        () -> deployment(box),
        d ->
            d.getStatus() != null
                && Integer.valueOf(replicas).equals(d.getStatus().getAvailableReplicas())
                && "True".equals(condition(d, "Available")));
  }

  private static Deployment deployment(Sandbox box) {
    return box.client().apps().deployments().inNamespace(box.namespace()).withName("d").get();
  }

  private static String condition(Deployment deployment, String type) {
    return deployment.getStatus().getConditions().stream()
        .filter(condition -> type.equals(condition.getType()))
        .map(condition -> condition.getStatus())
        .findFirst()
        .orElse("");
  }

  private static List<Pod> pods(Sandbox box) {
    return box.client().pods().inNamespace(box.namespace()).list().getItems();
  }

  private static Set<String> names(Sandbox box) {
    return pods(box).stream().map(WorkloadConformance::name).collect(Collectors.toSet());
  }

  private static String last(Sandbox box) {
    return names(box).stream().max(Comparator.naturalOrder()).orElse("");
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }
}
