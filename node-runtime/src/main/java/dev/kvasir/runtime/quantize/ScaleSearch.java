package dev.kvasir.runtime.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Looks for the scale of each input that keeps the outputs closest to what they were: inputs that
 * are large get larger weights, which are rounded finer, and are divided by as much.
 */
final class ScaleSearch {
  private static final int STEPS = 20;

  /** A scale serves all outputs alike, so that some of them tell enough. */
  private static final int MOST_ROWS = 512;

  private final GroupRounding rounding;

  ScaleSearch(GroupRounding rounding) {
    this.rounding = rounding;
  }

  /** Empty where no scale is better than none. */
  Optional<float[]> best(StageInputs inputs, List<WeightRows> weights) {
    float[][] rows = rows(weights);
    float[] magnitude = magnitude(rows);
    double least = error(inputs, rows, null);
    float[] best = null;
    for (int step = 0; step < STEPS; step++) {
      float[] scales = scales(inputs.meanMagnitude(), magnitude, (float) step / STEPS);
      double error = error(inputs, rows, scales);
      if (error < least) {
        least = error;
        best = scales;
      }
    }
    return Optional.ofNullable(best);
  }

  private static float[][] rows(List<WeightRows> weights) {
    List<float[]> rows = new ArrayList<>();
    for (WeightRows weight : weights) {
      int count = Math.min(weight.rows(), MOST_ROWS);
      for (int i = 0; i < count; i++) {
        float[] row = new float[weight.columns()];
        weight.read((int) ((long) i * weight.rows() / count), row);
        rows.add(row);
      }
    }
    return rows.toArray(float[][]::new);
  }

  /** How large the weights of each input are within their groups, on average. */
  private float[] magnitude(float[][] rows) {
    float[] means = new float[rows[0].length];
    for (float[] row : rows) {
      for (int from = 0; from < row.length; from += rounding.groupSize()) {
        float largest = 1e-6f;
        for (int k = from; k < from + rounding.groupSize(); k++) {
          largest = Math.max(largest, Math.abs(row[k]));
        }
        for (int k = from; k < from + rounding.groupSize(); k++) {
          means[k] += Math.abs(row[k]) / largest / rows.length;
        }
      }
    }
    return means;
  }

  private static float[] scales(float[] inputs, float[] weights, float ratio) {
    float[] scales = new float[inputs.length];
    float least = Float.MAX_VALUE;
    float most = 0;
    for (int k = 0; k < scales.length; k++) {
      double scale = Math.pow(inputs[k], ratio) / (Math.pow(weights[k], 1 - ratio) + 1e-4);
      scales[k] = (float) Math.clamp(scale, 1e-4, 1e4);
      least = Math.min(least, scales[k]);
      most = Math.max(most, scales[k]);
    }
    float middle = (float) Math.sqrt((double) least * most);
    for (int k = 0; k < scales.length; k++) {
      scales[k] /= middle;
    }
    return scales;
  }

  /** The squared difference of the outputs. */
  private double error(StageInputs inputs, float[][] rows, float[] scales) {
    float[] importance = importance(inputs.meanSquare(), scales);
    double[] errors =
        IntStream.range(0, rows.length)
            .parallel()
            .mapToDouble(i -> error(inputs.samples(), rows[i], scales, importance))
            .toArray();
    return Arrays.stream(errors).sum();
  }

  /** How much a difference in each scaled weight matters. */
  static float[] importance(float[] meanSquare, float[] scales) {
    float[] importance = meanSquare.clone();
    for (int k = 0; scales != null && k < importance.length; k++) {
      importance[k] /= scales[k] * scales[k];
    }
    return importance;
  }

  private double error(float[][] samples, float[] weights, float[] scales, float[] importance) {
    float[] scaled = weights.clone();
    for (int k = 0; scales != null && k < scaled.length; k++) {
      scaled[k] *= scales[k];
    }
    GroupRounding.Row rounded = GroupRounding.Row.of(scaled.length, rounding.groupSize());
    rounding.round(scaled, importance, rounded);
    float[] difference = scaled;
    for (int k = 0; k < scaled.length; k++) {
      float value = rounded.value(k, rounding.groupSize());
      difference[k] = value / (scales == null ? 1 : scales[k]) - weights[k];
    }
    double error = 0;
    for (float[] sample : samples) {
      double out = dot(sample, difference);
      error += out * out;
    }
    return error;
  }

  private static float dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int k = 0;
    for (; k + 4 <= a.length; k += 4) {
      s0 += a[k] * b[k];
      s1 += a[k + 1] * b[k + 1];
      s2 += a[k + 2] * b[k + 2];
      s3 += a[k + 3] * b[k + 3];
    }
    for (; k < a.length; k++) {
      s0 += a[k] * b[k];
    }
    return s0 + s1 + s2 + s3;
  }
}
