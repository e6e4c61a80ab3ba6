package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonValue;

/** Whether the scaler acts. */
public enum ScalingMode {
  /** Replicas follow its decisions. */
  ACTIVE("Active"),
  /** It decides and records, and replicas stay as they are. */
  ADVISORY("Advisory");

  private final String text;

  ScalingMode(String text) {
    this.text = text;
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
