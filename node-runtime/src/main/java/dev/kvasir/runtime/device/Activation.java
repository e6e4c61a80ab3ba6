package dev.kvasir.runtime.device;

/** The function between a feed-forward network's two products. */
public enum Activation {
  /** {@code x / (1 + e^-x)}. */
  SILU,
  /** {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))}. */
  GELU_TANH
}
