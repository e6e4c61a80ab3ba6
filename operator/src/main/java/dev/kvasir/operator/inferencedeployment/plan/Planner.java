package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState.Workload;
import dev.kvasir.operator.rollout.TemplateHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decides every object of an InferenceDeployment. Pure: the same input gives the same plan. */
public final class Planner {

  /**
   * What a plan is made of.
   *
   * @param newest the spec to put into effect; empty where it is invalid or something that it
   *     refers to is missing, and the last one that was in effect stays
   */
  public record Input(
      Owner owner,
      Optional<InferenceDeploymentSpec> newest,
      RevisionHistory history,
      Optional<Deployment> running,
      WantedReplicas wanted,
      PodsNow pods,
      Platform platform) {}

  /** The pods that are there, not counting those that were deleted. */
  public record PodsNow(List<PodFacts> pods, Instant at) {
    public PodsNow {
      pods = List.copyOf(pods);
    }
  }

  private Planner() {}

  public static DesiredState plan(Input input) {
    return input
        .newest()
        .or(() -> input.history().current().map(Revision::spec))
        .map(spec -> planFor(spec, input))
        .orElseGet(DesiredState::none);
  }

  private static DesiredState planFor(InferenceDeploymentSpec spec, Input input) {
    Owner owner = input.owner();
    String hash = TemplateHash.of(spec);
    Revision revision =
        input
            .history()
            .use(hash, spec, () -> PodTemplate.render(owner.name(), spec, hash, input.platform()));
    int wanted = input.wanted().of(spec, input.running());
    ScaleDown scaleDown = scaleDown(spec, hash, wanted, input);
    RolloutBounds bounds = RolloutBounds.of(spec.rollout(), hash, wanted, input.pods());
    List<Decision> decisions =
        new ArrayList<>(Decisions.of(spec, revision, scaleDown.replicas(), input));
    Decisions.makesRoom(bounds, input.running()).ifPresent(decisions::add);
    decisions.addAll(scaleDown.decisions());
    return new DesiredState(
        Optional.of(
            new Workload(
                wanted,
                scaleDown.replicas(),
                hash,
                RuntimeArguments.servedName(owner.name(), spec))),
        scaleDown.actions(),
        objects(bounds, revision, scaleDown.replicas(), input),
        decisions);
  }

  private static ScaleDown scaleDown(
      InferenceDeploymentSpec spec, String hash, int wanted, Input input) {
    List<PodFacts> pods = input.pods().pods();
    int current = input.running().map(running -> running.getSpec().getReplicas()).orElse(wanted);
    boolean rollingOut =
        input.running().filter(running -> Decisions.isOf(running, hash)).isEmpty()
            || !pods.stream().allMatch(pod -> pod.isOf(hash));
    return ScaleDown.plan(
        new ScaleDown.Input(
            wanted,
            current,
            pods,
            rollingOut,
            SpecDuration.parse(spec.rollout().drain().maxDuration()),
            input.pods().at()));
  }

  /** The revision comes last: it is the proof that its spec was accepted by the API server. */
  private static List<HasMetadata> objects(
      RolloutBounds bounds, Revision revision, int replicas, Input input) {
    Owner owner = input.owner();
    List<HasMetadata> objects = new ArrayList<>();
    objects.add(ServingObjects.service(owner));
    objects.add(ServingObjects.networkPolicy(owner, input.platform().operatorNamespace()));
    objects.add(ServingObjects.disruptionBudget(owner));
    objects.add(ServingObjects.deployment(owner, bounds, revision, replicas));
    for (Revision kept : input.history().after(revision)) {
      objects.add(kept.write(owner));
    }
    return objects;
  }
}
