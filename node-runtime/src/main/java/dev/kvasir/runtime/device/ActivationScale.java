package dev.kvasir.runtime.device;

/**
 * How a format wants activations quantized to its own type before a product. A device that computes
 * from wider activations may ignore it: its results are the closer ones.
 */
public sealed interface ActivationScale {

  /** Activations stay as they are. */
  record None() implements ActivationScale {}

  /** One scale for all, known from calibration. */
  record PerTensor(float scale) implements ActivationScale {
    public PerTensor {
      if (!(scale > 0 && scale <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException("an activation scale of " + scale);
      }
    }
  }

  /** A scale for each row, from its largest element. */
  record PerToken() implements ActivationScale {}

  /** A scale for each group of so many columns of each row, from its largest element. */
  record PerGroup(int size) implements ActivationScale {
    public PerGroup {
      if (size < 1) {
        throw new IllegalArgumentException("activation groups of " + size + " columns");
      }
    }
  }
}
