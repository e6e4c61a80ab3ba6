package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/** What one thread needs beside its inputs and outputs; grows to the widest row and is kept. */
final class Scratch {
  /** The sums of four rows of inputs times four of weights. */
  private final float[] sums = new float[16 * Lanes.COUNT];

  private float[] tile = {};

  /** Of 4-bit weights, for four rows and a tile of outputs: a segment, a group, all of them. */
  private final short[] products = new short[4 * Nibbles.TILE];

  private final float[] group = new float[4 * Nibbles.TILE];
  private final float[] totals = new float[4 * Nibbles.TILE];

  float[] sums() {
    return sums;
  }

  float[] tile(int length) {
    if (tile.length < length) {
      tile = new float[length];
    }
    return tile;
  }

  short[] products() {
    return products;
  }

  float[] group() {
    return group;
  }

  float[] totals() {
    return totals;
  }

  void clearGroup(int rows) {
    Arrays.fill(group, 0, rows * Nibbles.TILE, 0f);
  }

  void clearTotals(int rows) {
    Arrays.fill(totals, 0, rows * Nibbles.TILE, 0f);
  }
}
