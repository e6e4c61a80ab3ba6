package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.Quantization;
import dev.kvasir.operator.inferencedeployment.ApplyFailure;
import dev.kvasir.operator.inferencedeployment.Live;
import dev.kvasir.operator.inferencedeployment.ObservedState;
import dev.kvasir.operator.inferencedeployment.Resolution;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState.Workload;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.inferencedeployment.plan.PodAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a status is concluded from: all that was seen, and all that is wanted. */
record Facts(
    InferenceDeployment resource,
    Resolution resolution,
    Optional<ApplyFailure> failure,
    Optional<Workload> workload,
    Optional<Deployment> deployment,
    List<PodState> live,
    Set<String> leaving,
    Live known) {
  private static final String MAKE_ROOM =
      " The old pods keep their places until a new one serves; set spec.rollout.maxUnavailable to 1"
          + " to let one of them go first.";

  static Facts of(
      ObservedState observed,
      Resolution resolution,
      DesiredState desired,
      Optional<ApplyFailure> failure) {
    return new Facts(
        observed.resource(),
        resolution,
        failure,
        desired.workload(),
        observed.deployment(),
        observed.livePods(),
        leaving(desired),
        observed.live());
  }

  private static Set<String> leaving(DesiredState desired) {
    return desired.podActions().stream()
        .filter(action -> action.kind() != PodAction.Kind.RETURN)
        .map(action -> action.pod().getMetadata().getUid())
        .collect(Collectors.toSet());
  }

  private boolean isLeaving(PodState pod) {
    return pod.drainingSince().isPresent() || leaving.contains(pod.pod().getMetadata().getUid());
  }

  long generation() {
    return Objects.requireNonNullElse(resource.getMetadata().getGeneration(), 0L);
  }

  String servedName() {
    return workload
        .map(Workload::servedName)
        .or(() ->
            Optional.ofNullable(resource.getSpec())
                .map(InferenceDeploymentSpec::model)
                .map(model -> model.name()))
        .orElse(resource.getMetadata().getName());
  }

  /** Pods that finish their work and go, because fewer are wanted. */
  int draining() {
    return (int) live.stream().filter(this::isLeaving).count();
  }

  int serving() {
    return (int) live.stream().filter(PodState::isServing).count();
  }

  /** As the spec says; what auto comes to only the pod knows. */
  String quantization() {
    return Optional.ofNullable(resource.getSpec())
        .map(InferenceDeploymentSpec::model)
        .map(model -> model.quantization())
        .map(Quantization::toString)
        .orElse(Quantization.AUTO.toString());
  }

  boolean scales() {
    return Optional.ofNullable(resource.getSpec())
        .map(InferenceDeploymentSpec::scaling)
        .isPresent();
  }

  boolean isScaledToZero() {
    return workload.filter(wanted -> wanted.replicas() == 0).isPresent();
  }

  /**
   * The newest spec is the one in effect, and every pod it wants serves it, and no other is there.
   */
  boolean isReady() {
    return resolution.isComplete()
        && failure.isEmpty()
        && workload.filter(this::isServedInFull).isPresent();
  }

  private boolean isServedInFull(Workload wanted) {
    return deployment.filter(there -> isInEffect(there, wanted)).isPresent()
        && live.size() - draining() == wanted.replicas()
        && live.stream()
            .filter(pod -> !isLeaving(pod))
            .allMatch(pod -> pod.isServing() && pod.isOf(wanted.revision()));
  }

  private static boolean isInEffect(Deployment there, Workload wanted) {
    return Objects.equals(there.getSpec().getReplicas(), wanted.asked())
        && wanted
            .revision()
            .equals(there.getSpec().getTemplate().getMetadata().getLabels().get(Names.REVISION))
        && there.getStatus() != null
        && Objects.equals(
            there.getStatus().getObservedGeneration(), there.getMetadata().getGeneration());
  }

  boolean isModelLoaded() {
    return currentPods().anyMatch(PodState::isServing);
  }

  boolean isAnyRunning() {
    return live.stream().anyMatch(PodState::isRunning);
  }

  /** What keeps pods of the wanted template from serving, the most telling first. */
  Optional<Problem> problem() {
    return currentPods()
        .flatMap(pod -> pod.problem().stream())
        .findFirst()
        .map(this::withWayOut)
        .or(() -> deploymentProblem("ReplicaFailure", "True", Reason.PODS_REFUSED))
        .or(() -> deploymentProblem("Progressing", "False", Reason.PROGRESS_DEADLINE_EXCEEDED));
  }

  /** A new pod that waits for a place which the old ones keep until it serves waits for ever. */
  private Problem withWayOut(Problem problem) {
    boolean stuck =
        currentPods().anyMatch(pod -> pod.withoutRoomSince().isPresent())
            && problem.reason() == Reason.UNSCHEDULABLE
            && live.stream().anyMatch(pod -> workload.filter(w -> pod.isOf(w.revision())).isEmpty())
            && deployment.filter(this::keepsAllUntilTheNewServe).isPresent();
    return stuck
        ? new Problem(problem.reason(), problem.message() + MAKE_ROOM, problem.lasting())
        : problem;
  }

  private boolean keepsAllUntilTheNewServe(Deployment there) {
    boolean operatorMakesRoom =
        Optional.ofNullable(resource.getSpec())
                .filter(spec -> spec.rollout().maxUnavailable() == null)
                .isPresent()
            && (serving() == 0 || workload.filter(wanted -> wanted.replicas() > 1).isPresent());
    IntOrString missing = there.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable();
    return !operatorMakesRoom && "0".equals(String.valueOf(missing.getValue()));
  }

  private Stream<PodState> currentPods() {
    return workload.stream()
        .flatMap(wanted -> live.stream().filter(pod -> pod.isOf(wanted.revision())));
  }

  private Optional<Problem> deploymentProblem(String type, String status, Reason reason) {
    return deployment.map(Deployment::getStatus).stream()
        .flatMap(state -> state.getConditions().stream())
        .filter(each -> type.equals(each.getType()) && status.equals(each.getStatus()))
        .map(DeploymentCondition::getMessage)
        .map(message -> new Problem(reason, message, true))
        .findFirst();
  }
}
