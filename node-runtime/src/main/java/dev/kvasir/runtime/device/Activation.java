package dev.kvasir.runtime.device;

/** The function between a feed-forward network's two products. */
public enum Activation {
  SILU
}
