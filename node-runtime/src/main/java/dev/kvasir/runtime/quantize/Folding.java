package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.model.LinearStage;
import java.util.HashMap;
import java.util.Map;

/**
 * Scales of inputs, taken up by weights on both sides: columns are multiplied by them, and what
 * gives the inputs, a norm or the rows of the layer before, is divided.
 */
final class Folding {
  private final Map<String, float[]> columns = new HashMap<>();
  private final Map<String, float[]> importance = new HashMap<>();
  private final Map<String, float[]> rows = new HashMap<>();
  private final Map<String, float[]> norms = new HashMap<>();

  /** Scales the inputs of a stage, whose norm is already divided. */
  void addNorm(LinearStage stage, float[] scales, float[] stored) {
    norms.put(stage.norm().orElseThrow().tensor(), stored);
    stage.linears().forEach(name -> columns.put(name, scales));
  }

  /** Scales the inputs of a stage by dividing rows of the layer that gives them. */
  void addRows(LinearStage stage, float[] scales, int rowsOfAll) {
    LinearStage.Rows source = stage.rows().orElseThrow();
    float[] divisors = rows.computeIfAbsent(source.linear(), name -> ones(rowsOfAll));
    System.arraycopy(scales, 0, divisors, source.firstRow(), scales.length);
    stage.linears().forEach(name -> columns.put(name, scales));
  }

  void setImportance(LinearStage stage, float[] meanSquare) {
    stage
        .linears()
        .forEach(
            name -> importance.put(name, ScaleSearch.importance(meanSquare, columns.get(name))));
  }

  private static float[] ones(int count) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, 1);
    return values;
  }

  /** What a norm's tensor becomes; null where it stays. */
  float[] norm(String tensor) {
    return norms.get(tensor);
  }

  /** What the rows of a linear layer, and its bias, are divided by; null where they stay. */
  float[] rows(String linear) {
    return rows.get(linear);
  }

  /** How much a difference in each column matters; null where nothing was calibrated. */
  float[] importance(String linear) {
    return importance.get(linear);
  }

  /** A layer's weight with its scales taken up. */
  WeightRows apply(String linear, WeightRows weight) {
    float[] multipliers = columns.get(linear);
    float[] divisors = rows.get(linear);
    return new WeightRows() {
      @Override
      public int rows() {
        return weight.rows();
      }

      @Override
      public int columns() {
        return weight.columns();
      }

      @Override
      public void read(int row, float[] into) {
        weight.read(row, into);
        float divisor = divisors == null ? 1 : divisors[row];
        for (int k = 0; k < into.length; k++) {
          into[k] = (multipliers == null ? into[k] : into[k] * multipliers[k]) / divisor;
        }
      }
    };
  }
}
