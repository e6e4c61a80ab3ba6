package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Linear layers of one input as one: query, key and value, or gate and up. */
final class LinearStack {
  private LinearStack() {}

  static Linear of(Linear... parts) {
    Optional<int[]> order = commonOrder(parts);
    List<HostWeight> weights = new ArrayList<>();
    for (Linear part : parts) {
      weights.add(
          order.isPresent() || part.inputPermutation().isEmpty()
              ? part.weight()
              : new HostWeight.Reordered(part.weight(), part.inputPermutation().get()));
    }
    HostWeight.Stacked stacked = new HostWeight.Stacked(weights);
    return new Linear(stacked, bias(stacked.rows(), parts), order);
  }

  /** A quantizer that reorders sees one input, so that it finds one order for all parts. */
  private static Optional<int[]> commonOrder(Linear... parts) {
    int[] order = parts[0].inputPermutation().orElse(null);
    for (Linear part : parts) {
      if (!Arrays.equals(order, part.inputPermutation().orElse(null))) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(order);
  }

  /** Zeros where a part has none. */
  private static Optional<float[]> bias(int rows, Linear... parts) {
    float[] all = new float[rows];
    boolean any = false;
    int at = 0;
    for (Linear part : parts) {
      if (part.bias().isPresent()) {
        System.arraycopy(part.bias().get(), 0, all, at, part.weight().rows());
        any = true;
      }
      at += part.weight().rows();
    }
    return any ? Optional.of(all) : Optional.empty();
  }
}
