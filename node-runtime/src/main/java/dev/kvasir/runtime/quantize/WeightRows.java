package dev.kvasir.runtime.quantize;

/** A matrix that is read row by row, as floats. */
interface WeightRows {
  int rows();

  int columns();

  void read(int row, float[] into);
}
