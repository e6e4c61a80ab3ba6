package dev.kvasir.operator.kube;

/** Every reason that an Event of the operator can have. */
public enum EventReason {
  /** The spec is refused; the last valid one stays in effect. */
  SPEC_INVALID("SpecInvalid", true),
  /** Something that the spec names is not there. */
  REFERENCE_MISSING("ReferenceMissing", true),
  /** The API server does not take an object. */
  APPLY_FAILED("ApplyFailed", true),
  /** Pods can't run or keep failing. */
  PODS_FAILING("PodsFailing", true),
  /** Someone else set the number of pods; it is set back. */
  REPLICAS_OVERRIDDEN("ReplicasOverridden", true),
  /** The first pods are asked for. */
  CREATED("Created", false),
  /** The number of pods changes. */
  SCALED("Scaled", false),
  /** A pod finishes its requests, because fewer pods are wanted. */
  DRAINING("Draining", false),
  /** A pod that was to go is needed after all. */
  DRAIN_UNDONE("DrainUndone", false),
  /** Streams of clients were cut. */
  STREAMS_DROPPED("StreamsDropped", true),
  /** The scaler asks for more pods. */
  SCALING_UP("ScalingUp", false),
  /** The scaler asks for fewer pods. */
  SCALING_DOWN("ScalingDown", false),
  /** The scaler keeps the number, and why. */
  SCALING_STEADY("ScalingSteady", false),
  /** The scaler can't do what the load asks for. */
  SCALING_HELD("ScalingHeld", true),
  /** Every pod is replaced, and why. */
  REPLACING_PODS("ReplacingPods", false),
  /** An old pod goes before the new one that needs its place is there. */
  MAKING_ROOM("MakingRoom", false),
  /** All wanted pods serve the newest spec. */
  READY("Ready", false);

  private final String text;
  private final boolean warning;

  EventReason(String text, boolean warning) {
    this.text = text;
    this.warning = warning;
  }

  public String text() {
    return text;
  }

  /** The Event's type. */
  public String type() {
    return warning ? "Warning" : "Normal";
  }
}
