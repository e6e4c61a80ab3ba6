package dev.kvasir.operator.inferencedeployment.status;

/** Every reason that a condition can have; CONDITIONS.md says the same to users. */
public enum Reason {
  VALID("Valid"),
  INVALID("Invalid"),
  REFUSED_BY_API_SERVER("RefusedByApiServer"),
  SECRET_NOT_FOUND("SecretNotFound"),
  SECRET_KEY_NOT_FOUND("SecretKeyNotFound"),
  APPLY_FAILED("ApplyFailed"),
  ROLLING_OUT("RollingOut"),
  SETTLED("Settled"),
  SCALED_TO_ZERO("ScaledToZero"),
  ALL_REPLICAS_SERVE("AllReplicasServe"),
  SOME_REPLICAS_SERVE("SomeReplicasServe"),
  NO_REPLICA_SERVES("NoReplicaServes"),
  LOADED("Loaded"),
  NOT_LOADED("NotLoaded"),
  LOAD_FAILED("LoadFailed"),
  IMAGE_PULL_BACK_OFF("ImagePullBackOff"),
  CONTAINER_CONFIG_ERROR("ContainerConfigError"),
  CRASH_LOOP_BACK_OFF("CrashLoopBackOff"),
  UNSCHEDULABLE("Unschedulable"),
  PODS_REFUSED("PodsRefused"),
  PROGRESS_DEADLINE_EXCEEDED("ProgressDeadlineExceeded"),
  SCALING_ABSENT("ScalingAbsent"),
  ADVISORY("Advisory"),
  TELEMETRY_PENDING("TelemetryPending"),
  TELEMETRY_MISSING("TelemetryMissing"),
  TELEMETRY_INCOMPLETE("TelemetryIncomplete"),
  TWO_WRITERS("TwoWriters"),
  REPLICAS_IGNORED("ReplicasIgnored"),
  NO_HOLDER("NoHolder"),
  FOLLOWS_LOAD("FollowsLoad"),
  SCALING_DOWN("ScalingDown"),
  NOTHING_DRAINS("NothingDrains");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  /** As it is written in a condition. */
  @Override
  public String toString() {
    return text;
  }
}
