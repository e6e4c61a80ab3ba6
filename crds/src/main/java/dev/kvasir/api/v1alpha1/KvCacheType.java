package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonValue;

/** What keys and values are stored as. */
public enum KvCacheType {
  AUTO("auto"),
  BF16("bf16"),
  FP8("fp8");

  private final String text;

  KvCacheType(String text) {
    this.text = text;
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
