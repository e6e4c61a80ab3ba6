package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/** What one thread needs to attend with some heads of a row; grows with the sequences. */
final class AttentionScratch {
  /** Heads that are computed together: their cache is read in longer runs, and once by two. */
  static final int MOST_HEADS = 4;

  /** Whole blocks and whole vectors are written, so there is room for one more of either. */
  private static final int SLACK = 256;

  /** By head: scores, then unnormalized weights. */
  private final float[][] weights = new float[MOST_HEADS][0];

  /** By head: the weights' sum. */
  private final float[] sums = new float[MOST_HEADS];

  /** A vector whose lanes are summed. */
  private final float[] lanes = new float[Lanes.COUNT];

  /** What a thread may come to need. */
  static long bytes(int sequenceLength) {
    return (long) Float.BYTES * MOST_HEADS * (capacity(sequenceLength) + SLACK);
  }

  /** The next power of two: a sequence that grows makes new arrays rarely. */
  private static int capacity(int length) {
    return length <= 1 ? 1 : Integer.highestOneBit(length - 1) << 1;
  }

  void reserve(int length) {
    if (weights[0].length < length + SLACK) {
      int capacity = capacity(length) + SLACK;
      Arrays.setAll(weights, head -> new float[capacity]);
    }
  }

  float[] weights(int head) {
    return weights[head];
  }

  float[] sums() {
    return sums;
  }

  float[] lanes() {
    return lanes;
  }
}
