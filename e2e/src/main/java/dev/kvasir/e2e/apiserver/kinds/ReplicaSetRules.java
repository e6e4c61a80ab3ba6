package dev.kvasir.e2e.apiserver.kinds;

import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.List;

/** A replica set's defaults, and the mistakes that it refuses. */
final class ReplicaSetRules implements KindRules {
  @Override
  public void create(KubeObject replicaSet) {
    replicaSet.json().putObject("status").put("replicas", 0);
  }

  @Override
  public void defaults(KubeObject replicaSet) {
    WorkloadChecks.defaults(Json.child(replicaSet.json(), "spec"));
  }

  @Override
  public List<Cause> validate(KubeObject replicaSet) {
    return WorkloadChecks.validate(replicaSet);
  }

  @Override
  public List<Cause> validateUpdate(KubeObject before, KubeObject after) {
    return WorkloadChecks.validateUpdate(before, after);
  }
}
