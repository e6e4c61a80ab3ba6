package dev.kvasir.runtime.device;

import java.util.Optional;

/**
 * A linear layer on the host: {@code y = weight * x + bias}.
 *
 * @param inputPermutation where present, column j of the weight reads element {@code
 *     inputPermutation[j]} of x (a quantizer's order of the columns)
 */
public record Linear(HostWeight weight, Optional<float[]> bias, Optional<int[]> inputPermutation) {
  public Linear {
    if (bias.isPresent() && bias.get().length != weight.rows()) {
      throw new IllegalArgumentException(
          "a bias of %d for %d outputs".formatted(bias.get().length, weight.rows()));
    }
    inputPermutation.ifPresent(order -> requirePermutation(order, weight.columns()));
  }

  public Linear(HostWeight weight, Optional<float[]> bias) {
    this(weight, bias, Optional.empty());
  }

  static void requirePermutation(int[] order, int columns) {
    boolean[] seen = new boolean[columns];
    if (order.length != columns) {
      throw new IllegalArgumentException(
          "a permutation of %d for %d columns".formatted(order.length, columns));
    }
    for (int j = 0; j < columns; j++) {
      if (order[j] < 0 || order[j] >= columns || seen[order[j]]) {
        throw new IllegalArgumentException(
            "no permutation of %d columns: column %d reads input %d"
                .formatted(columns, j, order[j]));
      }
      seen[order[j]] = true;
    }
  }
}
