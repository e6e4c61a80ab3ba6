package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.operator.telemetry.DeploymentView;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the operator knows of a deployment beside its objects.
 *
 * @param telemetry empty before the first round after a start
 * @param drained uids of the pods that have said that nothing is left of their work
 * @param deaths ends of containers whose streams are not counted yet
 * @param rival who else was seen to set the Deployment's replicas lately
 */
public record Live(
    Optional<DeploymentView> telemetry,
    Set<String> drained,
    List<Death> deaths,
    Optional<String> rival) {

  public Live {
    drained = Set.copyOf(drained);
    deaths = List.copyOf(deaths);
  }

  public static Live nothing() {
    return new Live(Optional.empty(), Set.of(), List.of(), Optional.empty());
  }

  /** Once the status has counted them. */
  Live withoutDeaths() {
    return new Live(telemetry, drained, List.of(), rival);
  }

  /** Requests in a pod; infinite where it could not be read lately. */
  double work(String uid) {
    return telemetry
        .map(view -> view.work().getOrDefault(uid, Double.POSITIVE_INFINITY))
        .orElse(Double.POSITIVE_INFINITY);
  }
}
