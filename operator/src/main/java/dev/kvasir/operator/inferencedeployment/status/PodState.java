package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a pod's labels and status say about serving. */
public record PodState(Pod pod) {
  private static final Set<String> NO_IMAGE =
      Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull");
  private static final Set<String> NO_CONTAINER =
      Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");

  /** A process that ends sooner than this after its start, again and again, is in a crash loop. */
  private static final Duration SHORT_LIFE = Duration.ofMinutes(1);

  /** It is there, or about to be: not ended, and not on its way out. */
  public boolean isLive() {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return pod.getMetadata().getDeletionTimestamp() == null
        && !"Failed".equals(phase)
        && !"Succeeded".equals(phase);
  }

  public boolean isServing() {
    return isLive() && "true".equals(label(Names.SERVING)) && isReady();
  }

  public boolean isReady() {
    return isTrue("Ready");
  }

  /** Its startup probe has passed, so that clients may have streams there. */
  public boolean isStarted() {
    return isRunning() && container().map(ContainerStatus::getStarted).orElse(false);
  }

  /** It was told to finish its work; empty where it was not. */
  public Optional<Instant> drainingSince() {
    return Optional.ofNullable(pod.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(Names.DRAINING_SINCE))
        .map(Instant::parse);
  }

  public Optional<Instant> unschedulableSince() {
    return condition("PodScheduled")
        .filter(condition -> "Unschedulable".equals(condition.getReason()))
        .map(condition -> since(condition));
  }

  /** No node takes it, and at least one would if less were in use there. */
  public Optional<Instant> withoutRoomSince() {
    return condition("PodScheduled")
        .map(PodCondition::getMessage)
        .filter(message -> message.contains("Insufficient "))
        .flatMap(message -> unschedulableSince());
  }

  private Instant since(PodCondition condition) {
    String transition = condition.getLastTransitionTime();
    return OffsetDateTime.parse(transition == null ? created() : transition).toInstant();
  }

  /** When it began to serve, or else was made. */
  public Instant since() {
    return condition("Ready")
        .map(this::since)
        .orElseGet(() -> OffsetDateTime.parse(created()).toInstant());
  }

  private String created() {
    String created = pod.getMetadata().getCreationTimestamp();
    return created == null ? Instant.EPOCH.toString() : created;
  }

  public boolean isOf(String revision) {
    return Objects.equals(label(Names.REVISION), revision);
  }

  boolean isRunning() {
    return container().map(ContainerStatus::getState).map(ContainerState::getRunning).isPresent();
  }

  Optional<Problem> problem() {
    if (isServing()) {
      return Optional.empty();
    }
    return unschedulable().or(() -> container().flatMap(this::containerProblem));
  }

  private Optional<Problem> unschedulable() {
    return condition("PodScheduled")
        .filter(condition -> "Unschedulable".equals(condition.getReason()))
        .map(condition -> new Problem(Reason.UNSCHEDULABLE, unschedulable(condition), false));
  }

  private String unschedulable(PodCondition condition) {
    String said = Objects.requireNonNullElse(condition.getMessage(), "");
    return devices()
        .filter(device -> said.contains("Insufficient " + device))
        .findFirst()
        .map(device ->
            "No node has a free %s for a pod: each is taken, or no node offers any (kubectl get"
                    .formatted(device)
                + " nodes -o yaml shows them under allocatable; a device plugin adds them). The"
                + " scheduler: "
                + said)
        .orElse("No node can take a pod: " + said);
  }

  /** Resources that a device plugin must offer; their names have a domain. */
  private Stream<String> devices() {
    return pod.getSpec().getContainers().stream()
        .map(Container::getResources)
        .filter(resources -> resources != null && resources.getLimits() != null)
        .flatMap(resources -> resources.getLimits().keySet().stream())
        .filter(name -> name.contains("/"));
  }

  private Optional<Problem> containerProblem(ContainerStatus container) {
    String waiting = waitingReason(container);
    if (NO_IMAGE.contains(waiting)) {
      return Optional.of(
          new Problem(
              Reason.IMAGE_PULL_BACK_OFF,
              "The image %s can't be pulled; kubectl describe pod says why".formatted(image()),
              true));
    }
    if (NO_CONTAINER.contains(waiting)) {
      String message = container.getState().getWaiting().getMessage();
      return Optional.of(
          new Problem(
              Reason.CONTAINER_CONFIG_ERROR, "The container can't be made: " + message, true));
    }
    return lastEnd(container)
        .filter(end -> "CrashLoopBackOff".equals(waiting) || endsAgainAndAgain(container, end))
        .map(end -> new Problem(Reason.CRASH_LOOP_BACK_OFF, crash(end), true));
  }

  private String image() {
    return pod.getSpec().getContainers().getFirst().getImage();
  }

  /** Between two crashes it looks like a start; the condition must not flap. */
  private static boolean endsAgainAndAgain(
      ContainerStatus container, ContainerStateTerminated end) {
    return container.getRestartCount() != null
        && container.getRestartCount() >= 2
        && isShort(end.getStartedAt(), end.getFinishedAt());
  }

  private static boolean isShort(String start, String end) {
    return start != null
        && end != null
        && Duration.between(OffsetDateTime.parse(start), OffsetDateTime.parse(end))
                .compareTo(SHORT_LIFE)
            < 0;
  }

  private static String crash(ContainerStateTerminated end) {
    String how =
        "OOMKilled".equals(end.getReason()) ? "out of memory" : "exit code " + end.getExitCode();
    String said = end.getMessage() == null ? "" : ": " + LastWords.of(end.getMessage());
    return "The runtime keeps ending (" + how + ")" + said;
  }

  private static Optional<ContainerStateTerminated> lastEnd(ContainerStatus container) {
    return Optional.ofNullable(container.getState())
        .map(ContainerState::getTerminated)
        .or(() -> Optional.ofNullable(container.getLastState()).map(ContainerState::getTerminated));
  }

  private static String waitingReason(ContainerStatus container) {
    return Optional.ofNullable(container.getState())
        .map(ContainerState::getWaiting)
        .map(waiting -> waiting.getReason())
        .orElse("");
  }

  private Optional<ContainerStatus> container() {
    return Optional.ofNullable(pod.getStatus()).stream()
        .flatMap(status -> status.getContainerStatuses().stream())
        .filter(status -> Names.CONTAINER.equals(status.getName()))
        .findFirst();
  }

  private boolean isTrue(String type) {
    return condition(type).filter(condition -> "True".equals(condition.getStatus())).isPresent();
  }

  private Optional<PodCondition> condition(String type) {
    return Optional.ofNullable(pod.getStatus()).stream()
        .flatMap(status -> status.getConditions().stream())
        .filter(condition -> type.equals(condition.getType()))
        .findFirst();
  }

  private String label(String name) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels == null ? null : labels.get(name);
  }
}
