package dev.kvasir.operator.telemetry;

import java.util.List;

/** The deployments that are watched; whoever watches is told of what is new. */
public interface Fleet {
  List<Member> members();

  /** Has a deployment looked at again. */
  void wake(DeploymentKey key);
}
