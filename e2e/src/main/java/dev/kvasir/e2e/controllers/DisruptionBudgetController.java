package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Keeps the status of disruption budgets. */
final class DisruptionBudgetController implements AutoCloseable {
  private final KubernetesClient client;
  private final Patches patches;
  private final WorkQueue<ObjectKey> queue =
      new WorkQueue<>("disruption-controller", this::reconcile);
  private final List<SharedIndexInformer<?>> informers = new ArrayList<>();

  DisruptionBudgetController(KubernetesClient client) {
    this.client = client;
    this.patches = new Patches(client);
  }

  void start() {
    queue.start();
    var budgets = client.policy().v1().podDisruptionBudget();
    informers.add(
        budgets
            .inAnyNamespace()
            .inform(new Watch<>(budget -> queue.add(ObjectKey.of(budget))), Watch.RESYNC_MILLIS));
    informers.add(
        client.pods().inAnyNamespace().inform(new Watch<>(this::podChanged), Watch.RESYNC_MILLIS));
  }

  private void podChanged(Pod pod) {
    client
        .policy()
        .v1()
        .podDisruptionBudget()
        .inNamespace(pod.getMetadata().getNamespace())
        .list()
        .getItems()
        .stream()
        .filter(
            budget -> Owners.matches(budget.getSpec().getSelector(), pod.getMetadata().getLabels()))
        .forEach(budget -> queue.add(ObjectKey.of(budget)));
  }

  private void reconcile(ObjectKey key) {
    PodDisruptionBudget budget =
        client
            .policy()
            .v1()
            .podDisruptionBudget()
            .inNamespace(key.namespace())
            .withName(key.name())
            .get();
    if (budget == null) {
      return;
    }
    List<Pod> matching =
        client.pods().inNamespace(key.namespace()).list().getItems().stream()
            .filter(pod ->
                Owners.matches(budget.getSpec().getSelector(), pod.getMetadata().getLabels()))
            .filter(pod -> !PodFacts.isFinished(pod))
            .toList();
    PodDisruptionBudgetStatus status =
        DisruptionBudgetPlan.status(budget, expected(matching), matching);
    if (!status.equals(budget.getStatus())) {
      patches.status(budget, status);
    }
  }

  /** Pods of no ReplicaSet count for themselves. */
  private int expected(List<Pod> pods) {
    long alone = pods.stream().filter(pod -> Owners.controller(pod).isEmpty()).count();
    int wanted =
        pods.stream()
            .flatMap(pod -> Owners.controller(pod).stream().map(owner -> replicaSet(pod, owner)))
            .filter(Objects::nonNull)
            .distinct()
            .mapToInt(set -> set.getSpec().getReplicas())
            .sum();
    return wanted + (int) alone;
  }

  private ReplicaSet replicaSet(Pod pod, OwnerReference owner) {
    return client
        .apps()
        .replicaSets()
        .inNamespace(pod.getMetadata().getNamespace())
        .withName(owner.getName())
        .get();
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
    queue.close();
  }
}
