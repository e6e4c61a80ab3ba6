package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.ArrayList;
import java.util.List;

/** A deployment's defaults, and the mistakes that it refuses. */
final class DeploymentRules implements KindRules {
  private static final String ROLLING = "RollingUpdate";

  @Override
  public void create(KubeObject deployment) {
    deployment.json().putObject("status");
  }

  @Override
  public void defaults(KubeObject deployment) {
    ObjectNode spec = Json.child(deployment.json(), "spec");
    WorkloadChecks.defaults(spec);
    ObjectNode strategy = Json.child(spec, "strategy");
    Json.setDefault(strategy, "type", ROLLING);
    if (Json.text(strategy, "type").equals(ROLLING)) {
      ObjectNode rolling = Json.child(strategy, "rollingUpdate");
      Json.setDefault(rolling, "maxSurge", "25%");
      Json.setDefault(rolling, "maxUnavailable", "25%");
    }
    Json.setDefault(spec, "revisionHistoryLimit", 10);
    Json.setDefault(spec, "progressDeadlineSeconds", 600);
  }

  @Override
  public List<Cause> validate(KubeObject deployment) {
    List<Cause> causes = new ArrayList<>(WorkloadChecks.validate(deployment));
    causes.addAll(strategy(deployment));
    return causes;
  }

  @Override
  public List<Cause> validateUpdate(KubeObject before, KubeObject after) {
    List<Cause> causes = new ArrayList<>(WorkloadChecks.validateUpdate(before, after));
    causes.addAll(strategy(after));
    return causes;
  }

  private static List<Cause> strategy(KubeObject deployment) {
    List<Cause> causes = new ArrayList<>();
    var strategy = deployment.spec().path("strategy");
    String type = Json.text(strategy, "type");
    var rolling = strategy.path("rollingUpdate");
    if (type.equals("Recreate") && rolling.isObject()) {
      causes.add(
          new Cause(
              "FieldValueForbidden",
              "Forbidden: may not be specified when strategy `type` is 'Recreate'",
              "spec.strategy.rollingUpdate"));
    }
    if (type.equals(ROLLING)
        && isZero(rolling.path("maxSurge").asText())
        && isZero(rolling.path("maxUnavailable").asText())) {
      causes.add(
          Cause.invalid(
              "spec.strategy.rollingUpdate.maxUnavailable",
              "0",
              "may not be 0 when `maxSurge` is 0"));
    }
    return causes;
  }

  private static boolean isZero(String share) {
    return share.equals("0") || share.equals("0%");
  }
}
