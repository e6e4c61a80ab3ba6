package dev.kvasir.operator.inferencedeployment.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/**
 * Every object that should be there.
 *
 * @param workload what should run; empty where no valid spec was ever seen
 * @param podActions to be done before objects are applied
 * @param objects in the order to apply them; what the operator made before and is not here goes
 * @param decisions what changes by applying them, for people
 */
public record DesiredState(
    Optional<Workload> workload,
    List<PodAction> podActions,
    List<HasMetadata> objects,
    List<Decision> decisions) {

  /**
   * The pods that should run.
   *
   * @param replicas how many
   * @param asked what the Deployment asks for: more while pods drain that are to go
   * @param revision of which template
   * @param servedName under which model name
   */
  public record Workload(int replicas, int asked, String revision, String servedName) {}

  public DesiredState {
    podActions = List.copyOf(podActions);
    objects = List.copyOf(objects);
    decisions = List.copyOf(decisions);
  }

  /** Nothing is known that could run: nothing is made, and nothing is taken away. */
  static DesiredState none() {
    return new DesiredState(Optional.empty(), List.of(), List.of(), List.of());
  }
}
