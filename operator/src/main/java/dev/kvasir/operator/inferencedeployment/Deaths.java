package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.telemetry.DeploymentKey;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleBiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Collects the ends of pods' containers as the informer tells of them, for the last state of a pod
 * that is deleted is seen nowhere else. Each end counts once.
 */
final class Deaths {
  private static final Pattern DROPPED = Pattern.compile("\"droppedStreams\":\\s*(\\d{1,9})");
  private static final int REMEMBERED = 10_000;

  private final ToDoubleBiFunction<DeploymentKey, String> lastWork;
  private final Clock clock;
  private final Map<DeploymentKey, List<Death>> uncounted = new HashMap<>();
  private final Set<String> seen =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });

  /**
   * Starts with nothing.
   *
   * @param lastWork requests in a pod, by its uid, when it was last read; 0 where it never was
   */
  Deaths(ToDoubleBiFunction<DeploymentKey, String> lastWork, Clock clock) {
    this.lastWork = lastWork;
    this.clock = clock;
  }

  synchronized void found(Pod pod) {
    ends(pod).forEach(end -> add(pod, end, true));
  }

  synchronized void changed(Pod pod) {
    ends(pod).forEach(end -> add(pod, end, false));
  }

  synchronized void gone(Pod pod) {
    changed(pod);
    boolean wasRunning =
        container(pod).map(ContainerStatus::getState).map(ContainerState::getRunning).isPresent();
    if (wasRunning && seen.add(pod.getMetadata().getUid() + "/gone")) {
      key(pod)
          .ifPresent(key ->
              remember(key, new Death(name(pod), clock.instant(), work(key, pod), true, false)));
    }
  }

  /** Those that were not counted yet; they stay until {@link #counted}. */
  synchronized List<Death> of(DeploymentKey key) {
    return List.copyOf(uncounted.getOrDefault(key, List.of()));
  }

  synchronized void counted(DeploymentKey key, List<Death> deaths) {
    List<Death> left = uncounted.get(key);
    if (left != null) {
      left.removeAll(deaths);
      if (left.isEmpty()) {
        uncounted.remove(key);
      }
    }
  }

  private void add(Pod pod, ContainerStateTerminated end, boolean early) {
    String identity =
        "%s/%s/%s".formatted(pod.getMetadata().getUid(), end.getStartedAt(), end.getFinishedAt());
    Optional<DeploymentKey> key = key(pod);
    if (key.isEmpty() || !seen.add(identity)) {
      return;
    }
    Matcher said = DROPPED.matcher(end.getMessage() == null ? "" : end.getMessage());
    boolean told = said.find();
    boolean silent = !told && end.getExitCode() != null && end.getExitCode() != 0;
    long dropped = told ? Long.parseLong(said.group(1)) : silent ? work(key.get(), pod) : 0;
    remember(key.get(), new Death(name(pod), time(end), dropped, silent, early));
  }

  private void remember(DeploymentKey key, Death death) {
    if (death.dropped() > 0) {
      uncounted.computeIfAbsent(key, k -> new ArrayList<>()).add(death);
    }
  }

  private long work(DeploymentKey key, Pod pod) {
    double requests = lastWork.applyAsDouble(key, pod.getMetadata().getUid());
    return Double.isFinite(requests) ? Math.round(requests) : 0;
  }

  private Instant time(ContainerStateTerminated end) {
    return end.getFinishedAt() == null
        ? clock.instant()
        : OffsetDateTime.parse(end.getFinishedAt()).toInstant();
  }

  private static Stream<ContainerStateTerminated> ends(Pod pod) {
    return container(pod).stream()
        .flatMap(status -> Stream.of(status.getState(), status.getLastState()))
        .flatMap(state -> Optional.ofNullable(state).map(ContainerState::getTerminated).stream());
  }

  private static Optional<ContainerStatus> container(Pod pod) {
    return Optional.ofNullable(pod.getStatus()).stream()
        .flatMap(status -> status.getContainerStatuses().stream())
        .filter(status -> Names.CONTAINER.equals(status.getName()))
        .findFirst();
  }

  private static Optional<DeploymentKey> key(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return Optional.ofNullable(labels)
        .map(all -> all.get(Names.INSTANCE))
        .map(instance -> new DeploymentKey(pod.getMetadata().getNamespace(), instance));
  }

  private static String name(Pod pod) {
    return pod.getMetadata().getName();
  }
}
