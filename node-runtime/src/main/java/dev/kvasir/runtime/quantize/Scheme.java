package dev.kvasir.runtime.quantize;

/** What weights are rounded to. */
public enum Scheme {
  /** 4 bits in groups, with the inputs that matter most rounded finest. */
  AWQ,
  /** 8-bit integers, a scale for each output. */
  INT8,
  /** 8-bit floats, a scale for each output. */
  FP8
}
