package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;

/** Pods for tests: running on a node and not ready, unless said otherwise. */
final class TestingPods {
  private final PodBuilder pod;

  private TestingPods(String name) {
    this.pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withUid("uid-" + name)
            .withCreationTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .withNewSpec()
            .withNodeName("local")
            .endSpec()
            .withNewStatus()
            .withPhase("Running")
            .endStatus();
  }

  static TestingPods pod(String name) {
    return new TestingPods(name);
  }

  TestingPods node(String node) {
    pod.editSpec().withNodeName(node).endSpec();
    return this;
  }

  TestingPods phase(String phase) {
    pod.editStatus().withPhase(phase).endStatus();
    return this;
  }

  TestingPods cost(String cost) {
    pod.editMetadata().addToAnnotations(PodDeletionOrder.COST, cost).endMetadata();
    return this;
  }

  TestingPods created(String time) {
    pod.editMetadata().withCreationTimestamp(time).endMetadata();
    return this;
  }

  TestingPods readySince(String time) {
    pod.editStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .withLastTransitionTime(time)
        .endCondition()
        .endStatus();
    return this;
  }

  TestingPods restarts(int count) {
    pod.editStatus()
        .addNewContainerStatus()
        .withRestartCount(count)
        .endContainerStatus()
        .endStatus();
    return this;
  }

  TestingPods deletedAt(String time) {
    pod.editMetadata().withDeletionTimestamp(time).endMetadata();
    return this;
  }

  TestingPods owner(OwnerReference owner) {
    pod.editMetadata().addToOwnerReferences(owner).endMetadata();
    return this;
  }

  Pod build() {
    return pod.build();
  }
}
