package dev.kvasir.operator.inferencedeployment.plan;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/**
 * Every object that should be there.
 *
 * @param workload what should run; empty where no valid spec was ever seen
 * @param objects in the order to apply them; what the operator made before and is not here goes
 * @param decisions what changes by applying them, for people
 */
public record DesiredState(
    Optional<Workload> workload, List<HasMetadata> objects, List<Decision> decisions) {

  /** The pods that should run: how many, of which template, serving which model name. */
  public record Workload(int replicas, String revision, String servedName) {}

  public DesiredState {
    objects = List.copyOf(objects);
    decisions = List.copyOf(decisions);
  }

  /** Nothing is known that could run: nothing is made, and nothing is taken away. */
  static DesiredState none() {
    return new DesiredState(Optional.empty(), List.of(), List.of());
  }
}
