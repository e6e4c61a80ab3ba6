package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a Deployment's ReplicaSets must become. {@code current} is the set with the wanted template;
 * where there is none it must be created before anything else.
 */
record DeploymentPlan(
    Optional<ReplicaSet> current,
    Map<String, Integer> scale,
    List<ReplicaSet> delete,
    DeploymentStatus status) {

  static final String REVISION = "deployment.kubernetes.io/revision";
  private static final int DEFAULT_HISTORY = 10;
  private static final int DEFAULT_DEADLINE_SECONDS = 600;

  static DeploymentPlan of(
      Deployment deployment, List<ReplicaSet> owned, List<Pod> pods, Instant now) {
    Optional<ReplicaSet> current = current(deployment, owned);
    List<ReplicaSet> old =
        owned.stream()
            .filter(set -> !current.map(c -> sameObject(c, set)).orElse(false))
            .sorted(OLDEST_FIRST)
            .toList();
    DeploymentStatus status = status(deployment, current, owned, now);
    boolean deleted = deployment.getMetadata().getDeletionTimestamp() != null;
    if (isPaused(deployment)) {
      return new DeploymentPlan(current, pausedScale(deployment, owned), List.of(), status);
    }
    if (current.isEmpty() || deleted) {
      return new DeploymentPlan(current, Map.of(), List.of(), status);
    }
    Map<String, Integer> scale = scale(deployment, count(current.get(), pods), counts(old, pods));
    List<ReplicaSet> expired = scale.isEmpty() ? expired(deployment, old) : List.of();
    return new DeploymentPlan(current, scale, expired, status);
  }

  private static final Comparator<ReplicaSet> OLDEST_FIRST =
      Comparator.comparing((ReplicaSet set) -> set.getMetadata().getCreationTimestamp())
          .thenComparing(set -> set.getMetadata().getName());

  /** The oldest set of the wanted template, where a mishap left more than one. */
  private static Optional<ReplicaSet> current(Deployment deployment, List<ReplicaSet> owned) {
    return owned.stream()
        .filter(set -> set.getMetadata().getDeletionTimestamp() == null)
        .filter(set ->
            TemplateHash.same(set.getSpec().getTemplate(), deployment.getSpec().getTemplate()))
        .min(OLDEST_FIRST);
  }

  private static Map<String, Integer> scale(
      Deployment deployment, ReplicaCount current, List<ReplicaCount> old) {
    int replicas = replicas(deployment);
    if (isRecreate(deployment)) {
      return RolloutStep.recreate(replicas, current, old);
    }
    return RolloutStep.rolling(replicas, RolloutLimits.of(deployment, replicas), current, old);
  }

  static boolean isPaused(Deployment deployment) {
    return Boolean.TRUE.equals(deployment.getSpec().getPaused());
  }

  /** A paused Deployment still has its size: the one set that serves follows it. */
  private static Map<String, Integer> pausedScale(Deployment deployment, List<ReplicaSet> owned) {
    List<ReplicaSet> active =
        owned.stream().filter(set -> set.getSpec().getReplicas() > 0).toList();
    boolean follows =
        active.size() == 1 && active.getFirst().getSpec().getReplicas() != replicas(deployment);
    return follows
        ? Map.of(active.getFirst().getMetadata().getName(), replicas(deployment))
        : Map.of();
  }

  static int replicas(Deployment deployment) {
    Integer replicas = deployment.getSpec().getReplicas();
    return replicas == null ? 1 : replicas;
  }

  private static boolean isRecreate(Deployment deployment) {
    var strategy = deployment.getSpec().getStrategy();
    return strategy != null && "Recreate".equals(strategy.getType());
  }

  private static List<ReplicaSet> expired(Deployment deployment, List<ReplicaSet> old) {
    Integer limit = deployment.getSpec().getRevisionHistoryLimit();
    int keep = limit == null ? DEFAULT_HISTORY : limit;
    List<ReplicaSet> empty =
        old.stream()
            .filter(set -> set.getSpec().getReplicas() == 0 && replicas(set) == 0)
            .filter(set -> set.getMetadata().getDeletionTimestamp() == null)
            .sorted(Comparator.comparingLong(DeploymentPlan::revision))
            .toList();
    return empty.subList(0, Math.max(0, empty.size() - keep));
  }

  static boolean sameObject(ReplicaSet one, ReplicaSet other) {
    return one.getMetadata().getUid().equals(other.getMetadata().getUid());
  }

  static long revision(ReplicaSet set) {
    Map<String, String> annotations = set.getMetadata().getAnnotations();
    return annotations == null ? 0 : Long.parseLong(annotations.getOrDefault(REVISION, "0"));
  }

  private static List<ReplicaCount> counts(List<ReplicaSet> sets, List<Pod> pods) {
    return sets.stream().map(set -> count(set, pods)).toList();
  }

  private static ReplicaCount count(ReplicaSet set, List<Pod> pods) {
    int there =
        (int)
            pods.stream()
                .filter(pod -> Owners.isControlledBy(pod, set) && !PodFacts.isFinished(pod))
                .count();
    int wanted = set.getSpec().getReplicas();
    return new ReplicaCount(
        set.getMetadata().getName(), wanted, Math.min(wanted, available(set)), there);
  }

  private static DeploymentStatus status(
      Deployment deployment, Optional<ReplicaSet> current, List<ReplicaSet> owned, Instant now) {
    DeploymentStatus before = deployment.getStatus();
    int replicas = replicas(deployment);
    int total = owned.stream().mapToInt(set -> replicas(set)).sum();
    int ready = owned.stream().mapToInt(set -> ready(set)).sum();
    int available = owned.stream().mapToInt(set -> available(set)).sum();
    int updated = current.map(set -> replicas(set)).orElse(0);
    boolean complete =
        updated == replicas && total == replicas && available >= replicas && current.isPresent();
    boolean moved =
        before == null
            || number(before.getUpdatedReplicas()) != updated
            || number(before.getReplicas()) != total
            || number(before.getAvailableReplicas()) != available;
    var conditions = new DeploymentConditions(before, now);
    String name =
        current.map(set -> set.getMetadata().getName()).orElse(deployment.getMetadata().getName());
    int minimum =
        isRecreate(deployment)
            ? replicas
            : replicas - RolloutLimits.of(deployment, replicas).maxUnavailable();
    return new DeploymentStatusBuilder()
        .withObservedGeneration(deployment.getMetadata().getGeneration())
        .withReplicas(total)
        .withUpdatedReplicas(updated)
        .withReadyReplicas(ready)
        .withAvailableReplicas(available)
        .withUnavailableReplicas(Math.max(0, Math.max(total, replicas) - available))
        .withCollisionCount(before == null ? null : before.getCollisionCount())
        .withConditions(
            conditions.available(available, minimum),
            conditions.progressing(name, complete, moved, deadline(deployment)))
        .build();
  }

  static Duration deadline(Deployment deployment) {
    Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
    return Duration.ofSeconds(Objects.requireNonNullElse(seconds, DEFAULT_DEADLINE_SECONDS));
  }

  private static int replicas(ReplicaSet set) {
    return set.getStatus() == null ? 0 : number(set.getStatus().getReplicas());
  }

  private static int ready(ReplicaSet set) {
    return set.getStatus() == null ? 0 : number(set.getStatus().getReadyReplicas());
  }

  private static int available(ReplicaSet set) {
    return set.getStatus() == null ? 0 : number(set.getStatus().getAvailableReplicas());
  }

  private static int number(Integer value) {
    return value == null ? 0 : value;
  }
}
