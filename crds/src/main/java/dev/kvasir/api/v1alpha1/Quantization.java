package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonValue;

/** How a checkpoint's weights are quantized, in the words of its config.json. */
public enum Quantization {
  AUTO("auto"),
  NONE("none"),
  AWQ("awq"),
  GPTQ("gptq"),
  FP8("fp8"),
  COMPRESSED_TENSORS("compressed-tensors");

  private final String text;

  Quantization(String text) {
    this.text = text;
  }

  @JsonValue
  @Override
  public String toString() {
    return text;
  }
}
