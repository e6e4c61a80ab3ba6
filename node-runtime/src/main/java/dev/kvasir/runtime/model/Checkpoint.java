package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Where a model's weights come from. Shapes are the caller's; a source that differs fails. */
interface Checkpoint {

  HostWeight.Dense matrix(String name, int rows, int columns);

  /**
   * A linear layer in whatever form the checkpoint stores it.
   *
   * @param name without ".weight"
   * @param scratch holds what had to be rearranged; a device's prepare() copies it
   */
  default Linear linear(String name, int rows, int columns, boolean biased, Arena scratch) {
    return new Linear(matrix(name + ".weight", rows, columns), bias(biased, name + ".bias", rows));
  }

  float[] vector(String name, int length);

  /** The one element of a tensor; empty where there is no such tensor. */
  default OptionalDouble scalar(String name) {
    return OptionalDouble.empty();
  }

  /** The type that most of the weights are in. */
  ElementType type();

  /** Bytes of all weights. */
  long bytes();

  /** Tensors that nobody has asked for. */
  Set<String> unused();

  default Optional<float[]> bias(boolean present, String name, int length) {
    return present ? Optional.of(vector(name, length)) : Optional.empty();
  }
}
