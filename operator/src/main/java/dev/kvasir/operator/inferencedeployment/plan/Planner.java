package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState.Workload;
import dev.kvasir.operator.rollout.TemplateHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
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
      Platform platform) {}

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
    return new DesiredState(
        Optional.of(
            new Workload(spec.replicas(), hash, RuntimeArguments.servedName(owner.name(), spec))),
        objects(spec, revision, input),
        Decisions.of(spec, revision, input));
  }

  /** The revision comes last: it is the proof that its spec was accepted by the API server. */
  private static List<HasMetadata> objects(
      InferenceDeploymentSpec spec, Revision revision, Input input) {
    Owner owner = input.owner();
    List<HasMetadata> objects = new ArrayList<>();
    objects.add(ServingObjects.service(owner));
    objects.add(ServingObjects.networkPolicy(owner, input.platform().operatorNamespace()));
    objects.add(ServingObjects.disruptionBudget(owner));
    objects.add(ServingObjects.deployment(owner, spec, revision));
    for (Revision kept : input.history().after(revision)) {
      objects.add(kept.write(owner));
    }
    return objects;
  }
}
