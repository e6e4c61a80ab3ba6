package dev.kvasir.runtime.device;

/**
 * A rotary position embedding over the first {@link #dimensions} of a head, the rest of which stays
 * as it is: dimension {@code i} turns with dimension {@code i + dimensions / 2} by {@code position
 * * frequency[i]} radians. Layers that share it share the instance.
 */
public sealed interface Rope {

  /** How many dimensions of a head turn: twice the frequencies. */
  int dimensions();

  /** What cosines and sines are multiplied with. */
  float magnitude();

  /**
   * The frequencies of each pair of dimensions, in radians a position.
   *
   * @param length that the plan assumes for the row ({@code StepPlan.ropeLengths})
   */
  float[] frequencies(int length);

  /** The same frequencies at every length. */
  record Fixed(float[] frequencies, float magnitude) implements Rope {
    @Override
    public int dimensions() {
      return 2 * frequencies.length;
    }

    @Override
    public float[] frequencies(int length) {
      return frequencies;
    }
  }

  /** Other frequencies for lengths over the original one. */
  record Switched(float[] near, float[] far, int originalLength, float magnitude) implements Rope {
    @Override
    public int dimensions() {
      return 2 * near.length;
    }

    @Override
    public float[] frequencies(int length) {
      return length > originalLength ? far : near;
    }
  }

  /**
   * Over the original length the base grows with the length (dynamic NTK).
   *
   * @param exponents of the base, per frequency, without their sign
   * @param growth exponent of the stretch of the base
   */
  record Dynamic(double theta, double factor, int originalLength, float[] exponents, double growth)
      implements Rope {
    @Override
    public int dimensions() {
      return 2 * exponents.length;
    }

    @Override
    public float magnitude() {
      return 1;
    }

    @Override
    public float[] frequencies(int length) {
      double stretch = factor * Math.max(length, originalLength) / originalLength - (factor - 1);
      double base = theta * Math.pow(stretch, growth);
      float[] frequencies = new float[exponents.length];
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = (float) (1 / Math.pow(base, exponents[i]));
      }
      return frequencies;
    }
  }
}
