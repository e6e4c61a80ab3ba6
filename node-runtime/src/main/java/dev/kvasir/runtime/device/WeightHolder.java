package dev.kvasir.runtime.device;

/** Takes a model's weights and keeps them in a layout of its own. */
public interface WeightHolder {

  /**
   * Brings a linear layer into this holder's layout. Dense bfloat16 and float32 data must outlive
   * the holder; everything else may go when this returns.
   */
  Weight prepare(Linear linear);

  WeightVector prepare(float[] values);
}
