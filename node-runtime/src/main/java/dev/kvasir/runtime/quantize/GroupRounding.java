package dev.kvasir.runtime.quantize;

/**
 * Rounds a row to 4 bits, group by group, with the range of each group narrowed where that costs
 * the important inputs least.
 *
 * @param symmetric whether a weight of 0 is always step 8
 * @param scales the type that scales are stored in; weights are rounded to its steps
 */
record GroupRounding(int groupSize, boolean symmetric, Elements scales) {
  private static final int TOP = 15;
  private static final int MIDDLE = 8;
  private static final float LEAST_STEP = 1e-6f;
  private static final float[] RANGES = {1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f};

  /** A rounded row: {@code weight = (q - zero) * scale}. */
  record Row(byte[] q, float[] scales, byte[] zeros) {
    static Row of(int columns, int groupSize) {
      int groups = columns / groupSize;
      return new Row(new byte[columns], new float[groups], new byte[groups]);
    }

    float value(int column, int groupSize) {
      int group = column / groupSize;
      return (q[column] - zeros[group]) * scales[group];
    }
  }

  /**
   * Rounds a row.
   *
   * @param importance of each input; null takes the whole range
   */
  void round(float[] weights, float[] importance, Row into) {
    for (int group = 0; group < into.scales().length; group++) {
      round(weights, importance, group, into);
    }
  }

  private void round(float[] weights, float[] importance, int group, Row into) {
    int from = group * groupSize;
    float low = 0;
    float high = 0;
    for (int k = from; k < from + groupSize; k++) {
      low = Math.min(low, weights[k]);
      high = Math.max(high, weights[k]);
    }
    float best = 1;
    if (importance != null) {
      double least = Double.MAX_VALUE;
      for (float range : RANGES) {
        double error = error(weights, importance, from, range * low, range * high);
        if (error < least) {
          least = error;
          best = range;
        }
      }
    }
    float scale = scale(best * low, best * high);
    int zero = zero(best * low, scale);
    into.scales()[group] = scale;
    into.zeros()[group] = (byte) zero;
    for (int k = from; k < from + groupSize; k++) {
      into.q()[k] = (byte) step(weights[k], scale, zero);
    }
  }

  private double error(float[] weights, float[] importance, int from, float low, float high) {
    float scale = scale(low, high);
    int zero = zero(low, scale);
    double error = 0;
    for (int k = from; k < from + groupSize; k++) {
      float difference = (step(weights[k], scale, zero) - zero) * scale - weights[k];
      error += importance[k] * difference * difference;
    }
    return error;
  }

  private float scale(float low, float high) {
    float step = symmetric ? Math.max(-low, high) / (TOP - MIDDLE) : (high - low) / TOP;
    return scales.round(Math.max(step, LEAST_STEP));
  }

  private int zero(float low, float scale) {
    return symmetric ? MIDDLE : Math.clamp(Math.round(-low / scale), 0, TOP);
  }

  private static int step(float weight, float scale, int zero) {
    return Math.clamp((int) Math.rint(weight / scale) + zero, 0, TOP);
  }
}
