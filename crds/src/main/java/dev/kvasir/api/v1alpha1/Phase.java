package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonValue;

/** The state in one word, for people; programs read the conditions. */
public enum Phase {
  /** No pod has started yet, or none can. */
  PENDING("Pending"),
  /** Pods start or load the model, and none serves yet. */
  LOADING("Loading"),
  /** All wanted pods serve the newest spec. */
  READY("Ready"),
  /** Some pods serve, but not all that are wanted, or not yet the newest spec. */
  DEGRADED("Degraded"),
  /** No pods are wanted. */
  IDLE("Idle"),
  /** Nothing serves, and it won't get better without a change. */
  FAILED("Failed");

  private final String text;

  Phase(String text) {
    this.text = text;
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
