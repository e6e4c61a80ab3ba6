package dev.kvasir.operator.inferencedeployment.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.operator.TestingSpecs;
import dev.kvasir.operator.kube.EventReason;
import dev.kvasir.operator.rollout.TemplateHash;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final Owner OWNER = new Owner("models", "sample", "uid");
  private static final Platform PLATFORM = new Platform("runtime:1", Optional.empty());
  private static final Planner.PodsNow NO_PODS = new Planner.PodsNow(List.of(), Instant.EPOCH);
  private static final InferenceDeploymentSpec SAMPLE = spec("bundled://sample", 1);

  @Test
  void anUpgradeOfTheOperatorChangesNoPod() {
    DesiredState before = plan(SAMPLE, List.of(), PLATFORM);
    Platform upgraded = new Platform("runtime:2", Optional.empty());
    DesiredState after = plan(SAMPLE, revisions(before), upgraded);
    assertEquals("runtime:1", image(after));
    assertEquals(yaml(before), yaml(after));
  }

  @Test
  void aChangedSpecGetsTheNewImageToo() {
    DesiredState before = plan(SAMPLE, List.of(), PLATFORM);
    Platform upgraded = new Platform("runtime:2", Optional.empty());
    DesiredState after = plan(spec("file:///m", 1), revisions(before), upgraded);
    assertEquals("runtime:2", image(after));
  }

  @Test
  void anInvalidSpecKeepsTheLastValidOne() {
    DesiredState before = plan(spec("bundled://sample", 3), List.of(), PLATFORM);
    DesiredState held = hold(revisions(before));
    assertEquals(yaml(before), yaml(held));
  }

  @Test
  void theLastValidSpecIsTheNewestEvenWhereOnlyReplicasChanged() {
    DesiredState one = plan(SAMPLE, List.of(), PLATFORM);
    DesiredState five = plan(spec("bundled://sample", 5), revisions(one), PLATFORM);
    assertEquals(5, deployment(hold(revisions(five))).getSpec().getReplicas());
    assertEquals(1, revisions(five).size(), "scaling needs no new template");
  }

  @Test
  void withoutAnyValidSpecNothingIsMadeAndNothingTakenAway() {
    DesiredState nothing = hold(List.of());
    assertEquals(List.of(), nothing.objects());
    assertTrue(nothing.workload().isEmpty());
  }

  @Test
  void goingBackUsesTheTemplateOfThatTime() {
    DesiredState first = plan(SAMPLE, List.of(), PLATFORM);
    DesiredState second = plan(spec("file:///m", 1), revisions(first), PLATFORM);
    Platform upgraded = new Platform("runtime:2", Optional.empty());
    DesiredState back = plan(SAMPLE, revisions(second), upgraded);
    assertEquals("runtime:1", image(back));
    assertEquals(List.of(3L, 2L), numbers(back), "the newest first");
    assertEquals("bundled://sample", uri(hold(revisions(back))));
  }

  @Test
  void threeTemplatesAreKept() {
    DesiredState state = plan(SAMPLE, List.of(), PLATFORM);
    for (int i = 0; i < 5; i++) {
      state = plan(spec("file:///m" + i, 1), revisions(state), PLATFORM);
    }
    assertEquals(List.of(6L, 5L, 4L), numbers(state));
  }

  @Test
  void saysWhatItChangesAndWhy() {
    DesiredState before = plan(SAMPLE, List.of(), PLATFORM);
    assertEquals(List.of(new Decision(EventReason.CREATED, "Starting 1 pod")), before.decisions());
    DesiredState after =
        Planner.plan(
            new Planner.Input(
                OWNER,
                Optional.of(spec("file:///m", 4)),
                RevisionHistory.read(revisions(before)),
                Optional.of(deployment(before)),
                WantedReplicas.UNKNOWN,
                NO_PODS,
                PLATFORM));
    assertEquals(
        List.of(
            new Decision(EventReason.SCALED, "Scaling from 1 to 4 pods"),
            new Decision(
                EventReason.REPLACING_PODS,
                "Replacing all pods: spec.model.uri changed from bundled://sample to file:///m")),
        after.decisions());
  }

  @Test
  void namesWhoElseSetsReplicas() {
    DesiredState before = plan(SAMPLE, List.of(), PLATFORM);
    Deployment changed = scaledBy("horizontal-pod-autoscaler", deployment(before), 7);
    DesiredState after =
        Planner.plan(
            new Planner.Input(
                OWNER,
                Optional.of(SAMPLE),
                RevisionHistory.read(revisions(before)),
                Optional.of(changed),
                WantedReplicas.UNKNOWN,
                NO_PODS,
                PLATFORM));
    Decision decision = after.decisions().getFirst();
    assertEquals(EventReason.REPLICAS_OVERRIDDEN, decision.reason());
    assertTrue(
        decision.sentence().startsWith("horizontal-pod-autoscaler set"), decision.sentence());
  }

  @Test
  void aRolloutThatFindsNoRoomLetsAnOldPodGoFirstAndSaysSoOnce() {
    InferenceDeploymentSpec two = spec("bundled://sample", 2);
    DesiredState before = plan(two, List.of(), PLATFORM);
    DesiredState stuck = withPods(two, deployment(before), pod("old", true), pod(hash(two), false));
    assertEquals(
        List.of(EventReason.MAKING_ROOM),
        stuck.decisions().stream().map(Decision::reason).toList());
    assertEquals(1, missing(deployment(stuck)));
    DesiredState again = withPods(two, deployment(stuck), pod("old", true), pod(hash(two), false));
    assertEquals(List.of(), again.decisions());
    DesiredState placed = withPods(two, deployment(stuck), pod("old", true), pod(hash(two), true));
    assertEquals(0, missing(deployment(placed)));
  }

  private static int missing(Deployment deployment) {
    return deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable().getIntVal();
  }

  private static String hash(InferenceDeploymentSpec spec) {
    return TemplateHash.of(spec);
  }

  private static PodFacts pod(String revision, boolean placed) {
    return new PodFacts(
        new PodBuilder()
            .withNewMetadata()
            .withName(revision)
            .addToLabels(Names.REVISION, revision)
            .endMetadata()
            .build(),
        placed,
        placed,
        placed ? Optional.empty() : Optional.of(Instant.EPOCH),
        Optional.empty(),
        false,
        0);
  }

  private static DesiredState withPods(
      InferenceDeploymentSpec spec, Deployment running, PodFacts... pods) {
    return Planner.plan(
        new Planner.Input(
            OWNER,
            Optional.of(spec),
            RevisionHistory.read(List.of()),
            Optional.of(running),
            WantedReplicas.UNKNOWN,
            new Planner.PodsNow(List.of(pods), Instant.EPOCH.plus(RolloutBounds.PATIENCE)),
            PLATFORM));
  }

  private static Deployment scaledBy(String manager, Deployment deployment, int replicas) {
    FieldsV1 fields = new FieldsV1();
    fields.setAdditionalProperty("f:spec", Map.of("f:replicas", Map.of()));
    ManagedFieldsEntry entry = new ManagedFieldsEntry();
    entry.setManager(manager);
    entry.setFieldsV1(fields);
    return new DeploymentBuilder(deployment)
        .editMetadata()
        .withManagedFields(entry)
        .endMetadata()
        .editSpec()
        .withReplicas(replicas)
        .endSpec()
        .build();
  }

  private static DesiredState plan(
      InferenceDeploymentSpec spec, List<ControllerRevision> stored, Platform platform) {
    return Planner.plan(
        new Planner.Input(
            OWNER,
            Optional.of(spec),
            RevisionHistory.read(stored),
            Optional.empty(),
            WantedReplicas.UNKNOWN,
            NO_PODS,
            platform));
  }

  private static DesiredState hold(List<ControllerRevision> stored) {
    return Planner.plan(
        new Planner.Input(
            OWNER,
            Optional.empty(),
            RevisionHistory.read(stored),
            Optional.empty(),
            WantedReplicas.UNKNOWN,
            NO_PODS,
            PLATFORM));
  }

  private static InferenceDeploymentSpec spec(String uri, int replicas) {
    return TestingSpecs.spec("{model: {uri: '%s'}, replicas: %d}".formatted(uri, replicas));
  }

  private static Deployment deployment(DesiredState state) {
    return only(state, Deployment.class).getFirst();
  }

  private static List<ControllerRevision> revisions(DesiredState state) {
    return only(state, ControllerRevision.class);
  }

  private static List<Long> numbers(DesiredState state) {
    return revisions(state).stream().map(ControllerRevision::getRevision).toList();
  }

  private static String image(DesiredState state) {
    return deployment(state)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  private static String uri(DesiredState state) {
    return deployment(state)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getArgs()
        .get(2);
  }

  /** What reaches the API server. */
  private static String yaml(DesiredState state) {
    return new KubernetesSerialization().asYaml(state.objects());
  }

  private static <T> List<T> only(DesiredState state, Class<T> type) {
    return state.objects().stream().filter(type::isInstance).map(type::cast).toList();
  }
}
