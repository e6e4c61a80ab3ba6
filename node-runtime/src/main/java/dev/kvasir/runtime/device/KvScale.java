package dev.kvasir.runtime.device;

/**
 * What a layer's keys and values are divided by before they are stored in 8 bits, and multiplied
 * with when they are read.
 */
public record KvScale(float key, float value) {
  public static final KvScale ONE = new KvScale(1, 1);

  public KvScale {
    if (!(key > 0 && key < Float.POSITIVE_INFINITY)
        || !(value > 0 && value < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "scales of keys and values must be positive numbers, got %s and %s"
              .formatted(key, value));
    }
  }
}
