package dev.kvasir.runtime.device.cpu;

/** Sees the input of every linear layer before it is multiplied, in the order of the model's. */
@FunctionalInterface
public interface LinearObserver {

  /**
   * Must not keep or change the values.
   *
   * @param values row by row
   */
  void onInput(float[] values, int rows, int columns);
}
