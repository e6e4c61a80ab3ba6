package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Turns what the node sees of a pod into the pod's status. */
final class PodStatuses {
  private static final Set<String> OWNED =
      Set.of("PodScheduled", "Initialized", "ContainersReady", "Ready");

  private PodStatuses() {}

  /** A status of ours with the conditions that others keep in the other. */
  static PodStatus withForeignConditions(PodStatus ours, PodStatus observed) {
    var conditions = new ArrayList<PodCondition>();
    ours.getConditions().stream().filter(c -> OWNED.contains(c.getType())).forEach(conditions::add);
    observed.getConditions().stream()
        .filter(c -> !OWNED.contains(c.getType()))
        .forEach(conditions::add);
    return new PodStatusBuilder(ours).withConditions(conditions).build();
  }

  /**
   * The status to report now; conditions that others own and transition times that still hold are
   * kept.
   */
  static PodStatus status(PodView pod, PodStatus previous, Instant now) {
    return new PodStatusBuilder()
        .withPhase(phase(pod))
        .withConditions(conditions(pod, previous, now))
        .withHostIP(pod.hostIp())
        .addNewHostIP(pod.hostIp())
        .withPodIP(pod.podIp())
        .addNewPodIP(pod.podIp())
        .withStartTime(time(pod.startTime()))
        .withQosClass(previous == null ? null : previous.getQosClass())
        .withInitContainerStatuses(containerStatuses(pod.initContainers()))
        .withContainerStatuses(containerStatuses(pod.containers()))
        .build();
  }

  static String phase(PodView pod) {
    boolean initFailed =
        pod.initContainers().stream().anyMatch(view -> view.ended() && !view.succeeded());
    if (initFailed) {
      return "Failed";
    }
    if (!pod.containers().isEmpty() && pod.containers().stream().allMatch(ContainerView::ended)) {
      return pod.containers().stream().allMatch(ContainerView::succeeded) ? "Succeeded" : "Failed";
    }
    boolean everRan = pod.containers().stream().allMatch(PodStatuses::everRan);
    return pod.initialized() && everRan ? "Running" : "Pending";
  }

  private static boolean everRan(ContainerView view) {
    return !(view.state() instanceof RunState.Waiting) || view.last().isPresent();
  }

  private static List<PodCondition> conditions(PodView pod, PodStatus previous, Instant now) {
    Map<String, PodCondition> before = byType(previous);
    var conditions = new LinkedHashMap<>(before);
    boolean completed = phase(pod).equals("Succeeded");
    String whyNot = completed ? "PodCompleted" : "ContainersNotReady";
    String waitingFor =
        names(pod.containers(), view -> !view.ready(), "containers with unready status: ");
    put(conditions, "PodScheduled", true, null, null, now);
    put(
        conditions,
        "Initialized",
        pod.initialized(),
        "ContainersNotInitialized",
        names(
            pod.initContainers(), view -> !view.succeeded(), "containers with incomplete status: "),
        now);
    put(
        conditions,
        "ContainersReady",
        pod.containersReady(),
        whyNot,
        completed ? null : waitingFor,
        now);
    put(conditions, "Ready", pod.containersReady(), whyNot, completed ? null : waitingFor, now);
    return new ArrayList<>(conditions.values());
  }

  private static Map<String, PodCondition> byType(PodStatus status) {
    return (status == null ? Stream.<PodCondition>empty() : status.getConditions().stream())
        .collect(Collectors.toMap(PodCondition::getType, c -> c, (a, b) -> b, LinkedHashMap::new));
  }

  private static void put(
      Map<String, PodCondition> conditions,
      String type,
      boolean holds,
      String reason,
      String message,
      Instant now) {
    PodCondition before = conditions.get(type);
    String status = holds ? "True" : "False";
    boolean same = before != null && Objects.equals(before.getStatus(), status);
    conditions.put(
        type,
        new PodConditionBuilder()
            .withType(type)
            .withStatus(status)
            .withReason(holds ? null : reason)
            .withMessage(holds ? null : message)
            .withLastTransitionTime(same ? before.getLastTransitionTime() : time(now))
            .build());
  }

  private static String names(
      List<ContainerView> views, Predicate<ContainerView> which, String prefix) {
    return views.stream()
        .filter(which)
        .map(ContainerView::name)
        .collect(Collectors.joining(" ", prefix + "[", "]"));
  }

  private static List<ContainerStatus> containerStatuses(List<ContainerView> views) {
    return views.stream().map(PodStatuses::containerStatus).toList();
  }

  private static ContainerStatus containerStatus(ContainerView view) {
    return new ContainerStatusBuilder()
        .withName(view.name())
        .withImage(view.image())
        .withImageID(view.image())
        .withContainerID(everRan(view) ? "process://" + view.name() + "-" + view.restarts() : null)
        .withState(state(view.state()))
        .withLastState(view.last().map(PodStatuses::state).orElseGet(ContainerState::new))
        .withRestartCount(view.restarts())
        .withStarted(view.started())
        .withReady(view.ready())
        .build();
  }

  private static ContainerState state(RunState state) {
    var builder = new ContainerStateBuilder();
    return switch (state) {
      case RunState.Waiting(String reason, String message) ->
          builder.withNewWaiting(message, reason).build();
      case RunState.Running(Instant startedAt) -> builder.withNewRunning(time(startedAt)).build();
      case RunState.Terminated ended ->
          builder
              .withNewTerminated()
              .withExitCode(ended.exitCode())
              .withReason(ended.reason())
              .withMessage(ended.message())
              .withStartedAt(time(ended.startedAt()))
              .withFinishedAt(time(ended.finishedAt()))
              .endTerminated()
              .build();
    };
  }

  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
