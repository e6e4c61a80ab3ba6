package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.Objects;

/** Pods as a kubelet reports them. */
final class TestingPods {
  private static final ContainerState RUNNING =
      new ContainerStateBuilder().withNewRunning().endRunning().build();

  private TestingPods() {}

  static Pod created(String revision) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("sample-" + revision)
        .addToLabels(Names.REVISION, revision)
        .addToLabels(Names.SERVING, "true")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName(Names.CONTAINER)
        .withImage("runtime:1")
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase("Pending")
        .endStatus()
        .build();
  }

  static Pod running(String revision) {
    return withContainer(created(revision), RUNNING, null, 0);
  }

  static Pod ready(String revision) {
    return withCondition(running(revision), "Ready", "True", null, null);
  }

  static Pod draining(String revision) {
    return new PodBuilder(ready(revision))
        .editMetadata()
        .removeFromLabels(Names.SERVING)
        .endMetadata()
        .build();
  }

  static Pod terminating(String revision) {
    return new PodBuilder(ready(revision))
        .editMetadata()
        .withDeletionTimestamp("2026-11-24T12:00:00Z")
        .endMetadata()
        .build();
  }

  static Pod waiting(String revision, String reason) {
    return withContainer(created(revision), waitingFor(reason), null, 0);
  }

  static Pod crashing(String revision, String lastWords) {
    return withContainer(created(revision), waitingFor("CrashLoopBackOff"), ended(1, lastWords), 3);
  }

  static Pod restartedOnce(String revision) {
    return withContainer(created(revision), RUNNING, ended(137, null), 1);
  }

  static Pod unschedulable(String revision, String message) {
    return withCondition(created(revision), "PodScheduled", "False", "Unschedulable", message);
  }

  /** One that no node can give the GPU it asks for. */
  static Pod withoutGpu(String revision) {
    return new PodBuilder(
            unschedulable(
                revision,
                "0/3 nodes are available: 1 too many pods, 2 Insufficient nvidia.com/gpu."))
        .editSpec()
        .editFirstContainer()
        .withNewResources()
        .addToLimits("nvidia.com/gpu", new Quantity("1"))
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  static boolean isReadyAndNew(Pod pod) {
    return "new".equals(pod.getMetadata().getLabels().get(Names.REVISION))
        && pod.getMetadata().getLabels().containsKey(Names.SERVING)
        && pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus().getConditions().stream()
            .anyMatch(each -> Objects.equals(each.getType(), "Ready"));
  }

  static Deployment deployment(int replicas, String revision, long generation, long observed) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("sample")
        .withGeneration(generation)
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewStrategy()
        .withNewRollingUpdate()
        .withNewMaxUnavailable(0)
        .endRollingUpdate()
        .endStrategy()
        .withNewTemplate()
        .withNewMetadata()
        .addToLabels(Names.REVISION, revision)
        .endMetadata()
        .endTemplate()
        .endSpec()
        .withNewStatus()
        .withObservedGeneration(observed)
        .endStatus()
        .build();
  }

  private static ContainerState waitingFor(String reason) {
    return new ContainerStateBuilder().withNewWaiting("because", reason).build();
  }

  private static ContainerState ended(int exitCode, String message) {
    return new ContainerStateBuilder()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withMessage(message)
        .withStartedAt("2026-11-24T11:59:00Z")
        .withFinishedAt("2026-11-24T11:59:02Z")
        .endTerminated()
        .build();
  }

  private static Pod withContainer(
      Pod pod, ContainerState state, ContainerState last, int restarts) {
    return new PodBuilder(pod)
        .editStatus()
        .addNewContainerStatus()
        .withName(Names.CONTAINER)
        .withState(state)
        .withLastState(last)
        .withRestartCount(restarts)
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static Pod withCondition(
      Pod pod, String type, String status, String reason, String message) {
    return new PodBuilder(pod)
        .editStatus()
        .addNewCondition()
        .withType(type)
        .withStatus(status)
        .withReason(reason)
        .withMessage(message)
        .endCondition()
        .endStatus()
        .build();
  }
}
