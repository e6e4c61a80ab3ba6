package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.scheduler.RotationRule;
import java.util.List;

/** A rotary embedding as config.json describes it: how the plain frequencies are scaled. */
sealed interface RopeConfig {

  /**
   * What a device needs of it.
   *
   * @param dimensions of a head that turn
   */
  Rope rope(int dimensions);

  /** The longest sequence that it is meant for. */
  default long longest(int maxPositionEmbeddings) {
    return maxPositionEmbeddings;
  }

  default RotationRule rotation() {
    return RotationRule.FIXED;
  }

  /** No scaling. */
  record Default(double theta) implements RopeConfig {
    @Override
    public Rope rope(int dimensions) {
      return new Rope.Fixed(frequencies(theta, dimensions), 1);
    }
  }

  /** Positions are divided by a factor. */
  record Linear(double theta, double factor) implements RopeConfig {
    @Override
    public Rope rope(int dimensions) {
      float[] frequencies = frequencies(theta, dimensions);
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] /= (float) factor;
      }
      return new Rope.Fixed(frequencies, 1);
    }

    @Override
    public long longest(int maxPositionEmbeddings) {
      return (long) (maxPositionEmbeddings * factor);
    }
  }

  /** NTK: beyond the original length the base grows with the length. */
  record Dynamic(double theta, double factor, int originalLength) implements RopeConfig {
    /** The stretch has no end of its own; so far at least it is followed. */
    private static final int FOLLOWED = 8;

    @Override
    public Rope rope(int dimensions) {
      double growth = dimensions / (dimensions - 2.0);
      return new Rope.Dynamic(theta, factor, originalLength, exponents(dimensions), growth);
    }

    @Override
    public long longest(int maxPositionEmbeddings) {
      return (long) (maxPositionEmbeddings * Math.max(FOLLOWED, factor));
    }

    @Override
    public RotationRule rotation() {
      return new RotationRule(RotationRule.Kind.PER_LENGTH, originalLength);
    }
  }

  /** Llama 3.1: slow rotations are slowed further, fast ones kept, those between blended. */
  record Llama3(
      double theta, double factor, double lowFactor, double highFactor, double originalLength)
      implements RopeConfig {
    @Override
    public Rope rope(int dimensions) {
      float[] frequencies = frequencies(theta, dimensions);
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = scaled(frequencies[i]);
      }
      return new Rope.Fixed(frequencies, 1);
    }

    private float scaled(float frequency) {
      double wavelength = 2 * Math.PI / frequency;
      if (wavelength < originalLength / highFactor) {
        return frequency;
      }
      if (wavelength > originalLength / lowFactor) {
        return (float) (frequency / factor);
      }
      double smooth = (originalLength / wavelength - lowFactor) / (highFactor - lowFactor);
      return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
    }
  }

  /**
   * YaRN: like Llama 3.1's, by a ramp over the dimensions.
   *
   * @param fastTurns dimensions that turn more often than this over the original length are kept
   * @param slowTurns those that turn less often are slowed by the whole factor
   * @param truncate whether the ramp starts and ends at whole dimensions
   */
  record Yarn(
      double theta,
      double factor,
      int originalLength,
      double fastTurns,
      double slowTurns,
      boolean truncate,
      double attentionFactor)
      implements RopeConfig {
    @Override
    public Rope rope(int dimensions) {
      double low = dimensionThatTurns(fastTurns, dimensions);
      double high = dimensionThatTurns(slowTurns, dimensions);
      double from = Math.max(truncate ? Math.floor(low) : low, 0);
      double to = Math.min(truncate ? Math.ceil(high) : high, dimensions - 1.0);
      double length = from == to ? 0.001 : to - from;
      float[] frequencies = frequencies(theta, dimensions);
      for (int i = 0; i < frequencies.length; i++) {
        double slowed = Math.clamp((i - from) / length, 0, 1);
        frequencies[i] = (float) (frequencies[i] / factor * slowed + frequencies[i] * (1 - slowed));
      }
      return new Rope.Fixed(frequencies, (float) attentionFactor);
    }

    private double dimensionThatTurns(double times, int dimensions) {
      return dimensions * Math.log(originalLength / (times * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    @Override
    public long longest(int maxPositionEmbeddings) {
      return Math.max(maxPositionEmbeddings, (long) (originalLength * factor));
    }
  }

  /**
   * LongRoPE: every frequency has its own factor, and another one beyond the original length.
   *
   * @param startsAnew whether a sequence that crosses it is computed again
   */
  record LongRope(
      double theta,
      List<Double> nearFactors,
      List<Double> farFactors,
      int originalLength,
      double attentionFactor,
      boolean startsAnew)
      implements RopeConfig {
    @Override
    public Rope rope(int dimensions) {
      return new Rope.Switched(
          divided(frequencies(theta, dimensions), nearFactors),
          divided(frequencies(theta, dimensions), farFactors),
          originalLength,
          (float) attentionFactor);
    }

    private static float[] divided(float[] frequencies, List<Double> factors) {
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = (float) (frequencies[i] / factors.get(i));
      }
      return frequencies;
    }

    @Override
    public RotationRule rotation() {
      return new RotationRule(
          startsAnew ? RotationRule.Kind.SWITCH_ALL : RotationRule.Kind.SWITCH, originalLength);
    }
  }

  private static float[] frequencies(double theta, int dimensions) {
    float[] frequencies = exponents(dimensions);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (1 / Math.pow(theta, frequencies[i]));
    }
    return frequencies;
  }

  private static float[] exponents(int dimensions) {
    float[] exponents = new float[Math.ceilDiv(dimensions, 2)];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = 2f * i / dimensions;
    }
    return exponents;
  }
}
