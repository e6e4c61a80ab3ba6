package dev.kvasir.e2e.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeploymentPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

  @Test
  void theSetWithTheWantedTemplateIsFoundWhateverItsHashLabel() {
    ReplicaSet right = set("right", "image:2", 0, 0, 2);
    DeploymentPlan plan =
        plan(deployment("image:2", 1), List.of(set("old", "image:1", 1, 1, 1), right));
    assertEquals("right", plan.current().orElseThrow().getMetadata().getName());
    assertEquals(Map.of("right", 1), plan.scale());
  }

  @Test
  void theOldestEmptySetsBeyondTheHistoryLimitGo() {
    var sets = IntStream.rangeClosed(1, 4).mapToObj(i -> set("old-" + i, "image:" + i, 0, 0, i));
    List<ReplicaSet> all =
        Stream.concat(sets, Stream.of(set("current", "image:9", 1, 1, 9))).toList();
    Deployment deployment =
        new DeploymentBuilder(deployment("image:9", 1))
            .editSpec()
            .withRevisionHistoryLimit(2)
            .endSpec()
            .build();
    List<String> deleted =
        plan(deployment, all).delete().stream().map(s -> s.getMetadata().getName()).toList();
    assertEquals(List.of("old-1", "old-2"), deleted);
  }

  @Test
  void aPausedDeploymentKeepsItsSizeButDoesNotRoll() {
    Deployment paused =
        new DeploymentBuilder(deployment("image:2", 3))
            .editSpec()
            .withPaused(true)
            .endSpec()
            .build();
    DeploymentPlan plan = plan(paused, List.of(set("old", "image:1", 1, 1, 1)));
    assertEquals(Map.of("old", 3), plan.scale());
  }

  @Test
  void completeMeansEveryPodIsNewAndAvailable() {
    DeploymentPlan plan =
        plan(deployment("image:1", 2), List.of(set("current", "image:1", 2, 2, 1)));
    assertEquals("NewReplicaSetAvailable", condition(plan.status(), "Progressing").getReason());
    assertEquals("True", condition(plan.status(), "Available").getStatus());
    assertEquals(2, plan.status().getUpdatedReplicas());
    assertEquals(0, plan.status().getUnavailableReplicas());
  }

  @Test
  void aRolloutWithoutProgressIsOverdueAfterItsDeadline() {
    List<ReplicaSet> sets = List.of(set("current", "image:1", 1, 0, 1));
    Deployment deployment = deployment("image:1", 1);
    DeploymentStatus first = DeploymentPlan.of(deployment, sets, List.of(), NOW).status();
    assertEquals("ReplicaSetUpdated", condition(first, "Progressing").getReason());
    Deployment later = new DeploymentBuilder(deployment).withStatus(first).build();
    DeploymentStatus overdue =
        DeploymentPlan.of(later, sets, List.of(), NOW.plusSeconds(601)).status();
    assertEquals("ProgressDeadlineExceeded", condition(overdue, "Progressing").getReason());
    assertEquals("False", condition(overdue, "Progressing").getStatus());
  }

  @Test
  void theSameStateGivesTheSameStatus() {
    List<ReplicaSet> sets = List.of(set("current", "image:1", 2, 1, 1));
    Deployment deployment = deployment("image:1", 2);
    DeploymentStatus first = DeploymentPlan.of(deployment, sets, List.of(), NOW).status();
    Deployment reported = new DeploymentBuilder(deployment).withStatus(first).build();
    assertEquals(first, DeploymentPlan.of(reported, sets, List.of(), NOW.plusSeconds(60)).status());
  }

  @Test
  void percentagesOfSurgeRoundUpAndOfUnavailabilityDown() {
    Deployment deployment =
        new DeploymentBuilder(deployment("image:1", 5))
            .editSpec()
            .withNewStrategy()
            .withNewRollingUpdate()
            .withMaxSurge(new IntOrString("30%"))
            .withMaxUnavailable(new IntOrString("30%"))
            .endRollingUpdate()
            .endStrategy()
            .endSpec()
            .build();
    assertEquals(new RolloutLimits(2, 1), RolloutLimits.of(deployment, 5));
  }

  @Test
  void hashesDifferByTemplateAndByCollision() {
    var one = deployment("image:1", 1).getSpec().getTemplate();
    var two = deployment("image:2", 1).getSpec().getTemplate();
    long different =
        Stream.of(TemplateHash.of(one, 0), TemplateHash.of(one, 1), TemplateHash.of(two, 0))
            .distinct()
            .count();
    assertEquals(3, different);
    assertTrue(
        TemplateHash.of(one, 0).matches("[bcdfghjklmnpqrstvwxz2456789]{1,10}"),
        TemplateHash.of(one, 0));
  }

  private static DeploymentPlan plan(Deployment deployment, List<ReplicaSet> sets) {
    return DeploymentPlan.of(deployment, sets, List.of(), NOW);
  }

  private static DeploymentCondition condition(DeploymentStatus status, String type) {
    return status.getConditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }

  private static Deployment deployment(String image, int replicas) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("web")
        .withUid("uid-web")
        .withGeneration(4L)
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withNewTemplate()
        .withNewMetadata()
        .addToLabels("app", "web")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage(image)
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static ReplicaSet set(
      String name, String image, int wanted, int available, int revision) {
    var template = deployment(image, 1).getSpec().getTemplate();
    template.getMetadata().getLabels().put(TemplateHash.LABEL, "hash-of-" + name);
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid("uid-" + name)
        .withCreationTimestamp("2026-01-01T00:00:0" + revision + "Z")
        .addToAnnotations(DeploymentPlan.REVISION, Integer.toString(revision))
        .endMetadata()
        .withNewSpec()
        .withReplicas(wanted)
        .withTemplate(template)
        .endSpec()
        .withNewStatus()
        .withReplicas(wanted)
        .withReadyReplicas(available)
        .withAvailableReplicas(available)
        .endStatus()
        .build();
  }
}
