package dev.kvasir.operator.inferencedeployment.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.operator.TestingSpecs;
import dev.kvasir.operator.inferencedeployment.ApplyFailure;
import dev.kvasir.operator.inferencedeployment.Live;
import dev.kvasir.operator.inferencedeployment.ObservedState;
import dev.kvasir.operator.inferencedeployment.Resolution;
import dev.kvasir.operator.inferencedeployment.Resolution.MissingReference;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState.Workload;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StatusBuilderTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00.123Z");
  private static final Resolution COMPLETE = new Resolution(List.of(), List.of());
  private static final InferenceDeployment RESOURCE =
      TestingSpecs.resource("sample", "{model: {uri: 'bundled://sample'}}");

  @Test
  void readyMeansThatEveryWantedPodServesTheNewestSpec() {
    InferenceDeploymentStatus status =
        status(2, TestingPods.ready("new"), TestingPods.ready("new"));
    assertCondition(status, "Ready", "True", Reason.ALL_REPLICAS_SERVE);
    assertCondition(status, "Progressing", "False", Reason.SETTLED);
    assertEquals(Phase.READY, status.phase());
    assertEquals(2, status.readyReplicas());
  }

  @Test
  void aPodOfTheOldSpecIsNotReadyButAvailable() {
    InferenceDeploymentStatus status = status(1, TestingPods.ready("old"));
    assertCondition(status, "Ready", "False", Reason.ROLLING_OUT);
    assertCondition(status, "Available", "True", Reason.SOME_REPLICAS_SERVE);
    assertCondition(status, "ModelReady", "Unknown", Reason.NOT_LOADED);
    assertEquals(Phase.DEGRADED, status.phase());
  }

  @Test
  void aPodThatIsLeftOverIsNotReady() {
    InferenceDeploymentStatus status =
        status(1, TestingPods.ready("new"), TestingPods.ready("old"));
    assertCondition(status, "Ready", "False", Reason.ROLLING_OUT);
  }

  @Test
  void aPodThatDrainsDoesNotServe() {
    InferenceDeploymentStatus status = status(1, TestingPods.draining("new"));
    assertCondition(status, "Available", "False", Reason.NO_REPLICA_SERVES);
    assertEquals(0, status.readyReplicas());
  }

  @Test
  void aPodThatEndsIsNoLongerCounted() {
    InferenceDeploymentStatus status =
        status(1, TestingPods.ready("new"), TestingPods.terminating("old"));
    assertCondition(status, "Ready", "True", Reason.ALL_REPLICAS_SERVE);
    assertEquals(1, status.replicas());
  }

  @Test
  void aDeploymentThatIsNotUpToDateIsNotReady() {
    Deployment stale = TestingPods.deployment(1, "new", 2L, 1L);
    InferenceDeploymentStatus status =
        build(1, Optional.of(stale), COMPLETE, Optional.empty(), TestingPods.ready("new"));
    assertCondition(status, "Ready", "False", Reason.ROLLING_OUT);
  }

  @Test
  void zeroReplicasAreIdle() {
    InferenceDeploymentStatus status = status(0);
    assertCondition(status, "Ready", "True", Reason.SCALED_TO_ZERO);
    assertCondition(status, "Available", "False", Reason.SCALED_TO_ZERO);
    assertEquals(Phase.IDLE, status.phase());
  }

  @Test
  void aStartIsPendingThenLoading() {
    assertEquals(Phase.PENDING, status(1, TestingPods.created("new")).phase());
    assertEquals(Phase.LOADING, status(1, TestingPods.running("new")).phase());
  }

  @Test
  void aCrashLoopSaysTheRuntimesLastWords() {
    InferenceDeploymentStatus status =
        status(1, TestingPods.crashing("new", "model /m has no config.json"));
    Condition progressing =
        assertCondition(status, "Progressing", "False", Reason.CRASH_LOOP_BACK_OFF);
    assertEquals(
        "The runtime keeps ending (exit code 1): model /m has no config.json",
        progressing.getMessage());
    assertCondition(status, "ModelReady", "False", Reason.LOAD_FAILED);
    assertEquals(Phase.FAILED, status.phase());
  }

  @Test
  void lastWordsAreOneLineThatSaysWhy() {
    String noise = "WARNING: Using incubator modules: jdk.incubator.vector\n";
    assertEquals(
        "--quantization awq: /m is none; use auto",
        LastWords.of(
            noise
                + "2026-11-24T21:09:25.256Z INFO ServeCommand: listening\n"
                + "node-runtime: --quantization awq: /m is none; use auto\n"));
    assertEquals("Killed / core dumped", LastWords.of(noise + "Killed\n\ncore dumped"));
    String end = LastWords.of("x".repeat(700) + "end");
    assertTrue(end.length() < 610 && end.startsWith("...x") && end.endsWith("xend"), end);
  }

  @Test
  void aSingleCrashIsNoCrashLoop() {
    InferenceDeploymentStatus status = status(1, TestingPods.restartedOnce("new"));
    assertCondition(status, "Progressing", "True", Reason.ROLLING_OUT);
    assertEquals(Phase.LOADING, status.phase());
  }

  @Test
  void anImageThatCantBePulledIsNamed() {
    InferenceDeploymentStatus status = status(1, TestingPods.waiting("new", "ErrImagePull"));
    InferenceDeploymentStatus later = status(1, TestingPods.waiting("new", "ImagePullBackOff"));
    Condition condition =
        assertCondition(status, "Progressing", "False", Reason.IMAGE_PULL_BACK_OFF);
    assertTrue(condition.getMessage().contains("runtime:1"), condition.getMessage());
    assertEquals(status.conditions(), later.conditions(), "the two alternate; the status must not");
  }

  @Test
  void anUnschedulablePodWaits() {
    InferenceDeploymentStatus status = status(1, TestingPods.unschedulable("new", "0/3 nodes"));
    assertCondition(status, "Progressing", "False", Reason.UNSCHEDULABLE);
    assertEquals(Phase.PENDING, status.phase());
  }

  @Test
  void aPodWithoutAGpuSaysWhatIsMissingAndWhereToLook() {
    String message = progressing(status(1, TestingPods.withoutGpu("new")));
    assertTrue(message.startsWith("No node has a free nvidia.com/gpu for a pod:"), message);
    assertTrue(message.endsWith("2 Insufficient nvidia.com/gpu."), message);
  }

  @Test
  void aRolloutThatCanNotEndSaysTheWayOut() {
    String wayOut = "set spec.rollout.maxUnavailable to 1";
    String one = progressing(status(1, TestingPods.ready("old"), TestingPods.withoutGpu("new")));
    assertTrue(one.contains(wayOut), one);
    String first = progressing(status(1, TestingPods.withoutGpu("new")));
    assertFalse(first.contains(wayOut), "no old pod is there: " + first);
    String two =
        progressing(
            status(
                2,
                TestingPods.ready("old"),
                TestingPods.ready("old"),
                TestingPods.withoutGpu("new")));
    assertFalse(two.contains(wayOut), "the operator makes room itself: " + two);
  }

  @Test
  void onlyWhatRoomWouldHelpLacksRoom() {
    PodState full = new PodState(TestingPods.withoutGpu("new"));
    assertTrue(full.withoutRoomSince().isPresent());
    PodState elsewhere =
        new PodState(
            TestingPods.unschedulable("new", "3 node(s) didn't match Pod's node affinity"));
    assertTrue(elsewhere.unschedulableSince().isPresent());
    assertTrue(elsewhere.withoutRoomSince().isEmpty());
  }

  private static String progressing(InferenceDeploymentStatus status) {
    return assertCondition(status, "Progressing", "False", Reason.UNSCHEDULABLE).getMessage();
  }

  @Test
  void anInvalidSpecIsSaidWhileTheLastOneServes() {
    Resolution invalid = new Resolution(List.of("spec.x is 1", "spec.y is 2"), List.of());
    InferenceDeploymentStatus status =
        build(1, current(1), invalid, Optional.empty(), TestingPods.ready("new"));
    Condition specValid = assertCondition(status, "SpecValid", "False", Reason.INVALID);
    assertEquals(
        "spec.x is 1; spec.y is 2. The last valid spec stays in effect.", specValid.getMessage());
    assertCondition(status, "Ready", "False", Reason.INVALID);
    assertCondition(status, "Available", "True", Reason.SOME_REPLICAS_SERVE);
    assertEquals(Phase.DEGRADED, status.phase());
  }

  @Test
  void aMissingSecretIsNoInvalidSpec() {
    Resolution missing =
        new Resolution(
            List.of(), List.of(new MissingReference(Reason.SECRET_NOT_FOUND, "no secret")));
    InferenceDeploymentStatus status = build(1, Optional.empty(), missing, Optional.empty());
    assertCondition(status, "SpecValid", "True", Reason.VALID);
    assertCondition(status, "Ready", "False", Reason.SECRET_NOT_FOUND);
    assertEquals(Phase.PENDING, status.phase());
  }

  @Test
  void aRefusalIsReadBackFromTheStatus() {
    for (boolean invalid : new boolean[] {true, false}) {
      Optional<ApplyFailure> failure = Optional.of(new ApplyFailure(invalid, "no room"));
      InferenceDeploymentStatus status = build(1, current(1), COMPLETE, failure);
      assertEquals(failure, StatusNews.failure(status, 1L));
      assertEquals(Optional.empty(), StatusNews.failure(status, 2L), "of another generation");
    }
  }

  @Test
  void theTimeOfAConditionIsThatOfItsLastChange() {
    InferenceDeployment told =
        TestingSpecs.resource("sample", "{model: {uri: 'bundled://sample'}}");
    told.setStatus(status(1, TestingPods.running("new")));
    InferenceDeploymentStatus later =
        StatusBuilder.build(
            new ObservedState(
                told, List.of(current(1).get()), List.of(TestingPods.ready("new")), Live.nothing()),
            COMPLETE,
            wanted(1),
            Optional.empty(),
            NOON.plusSeconds(60));
    assertEquals("2026-11-24T12:01:00Z", find(later, "Ready").getLastTransitionTime());
    assertEquals("2026-11-24T12:00:00Z", find(later, "SpecValid").getLastTransitionTime());
  }

  /** Whatever the pods do: Ready is never said while a wanted pod is missing. */
  @Test
  void readyIsNeverAGuess() {
    for (long seed = 0; seed < 2000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Pod> pods = randomPods(random);
      int replicas = random.nextInt(4);
      InferenceDeploymentStatus status = status(replicas, pods.toArray(Pod[]::new));
      String about = "seed " + seed + ": " + status;
      long serving = pods.stream().filter(TestingPods::isReadyAndNew).count();
      boolean ready = find(status, "Ready").getStatus().equals("True");
      assertTrue(!ready || serving == replicas, about);
      assertTrue(!ready || find(status, "Progressing").getStatus().equals("False"), about);
      assertEquals(
          status.readyReplicas() > 0, find(status, "Available").getStatus().equals("True"), about);
      assertEquals(
          ready, Stream.of(Phase.READY, Phase.IDLE).anyMatch(status.phase()::equals), about);
    }
  }

  private static List<Pod> randomPods(SplittableRandom random) {
    List<Pod> pods = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      String revision = random.nextInt(3) == 0 ? "old" : "new";
      pods.add(
          switch (random.nextInt(6)) {
            case 0 -> TestingPods.created(revision);
            case 1 -> TestingPods.running(revision);
            case 2 -> TestingPods.draining(revision);
            case 3 -> TestingPods.terminating(revision);
            default -> TestingPods.ready(revision);
          });
    }
    return pods;
  }

  private static Optional<Deployment> current(int replicas) {
    return Optional.of(TestingPods.deployment(replicas, "new", 1L, 1L));
  }

  private static DesiredState wanted(int replicas) {
    return new DesiredState(
        Optional.of(new Workload(replicas, replicas, "new", "sample")),
        List.of(),
        List.of(),
        List.of());
  }

  private static InferenceDeploymentStatus status(int replicas, Pod... pods) {
    return build(replicas, current(replicas), COMPLETE, Optional.empty(), pods);
  }

  private static InferenceDeploymentStatus build(
      int replicas,
      Optional<Deployment> deployment,
      Resolution resolution,
      Optional<ApplyFailure> failure,
      Pod... pods) {
    return StatusBuilder.build(
        new ObservedState(
            RESOURCE,
            deployment.<List<HasMetadata>>map(List::of).orElse(List.of()),
            List.of(pods),
            Live.nothing()),
        resolution,
        wanted(replicas),
        failure,
        NOON);
  }

  private static Condition assertCondition(
      InferenceDeploymentStatus status, String type, String value, Reason reason) {
    Condition condition = find(status, type);
    assertEquals(value + " " + reason, condition.getStatus() + " " + condition.getReason(), type);
    return condition;
  }

  private static Condition find(InferenceDeploymentStatus status, String type) {
    return Conditions.find(status, type).orElseThrow();
  }
}
