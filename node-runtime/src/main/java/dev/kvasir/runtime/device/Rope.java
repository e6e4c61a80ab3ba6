package dev.kvasir.runtime.device;

/**
 * A rotary position embedding over two halves of a head: dimension {@code i} turns with dimension
 * {@code i + headDim / 2} by {@code position * inverseFrequencies[i]}. Layers that share it share
 * the instance.
 */
public final class Rope {
  private final float[] inverseFrequencies;

  public Rope(float[] inverseFrequencies) {
    this.inverseFrequencies = inverseFrequencies;
  }

  public float[] inverseFrequencies() {
    return inverseFrequencies;
  }
}
