package dev.kvasir.runtime.kvcache;

import java.util.Arrays;

/** The blocks that hold one sequence's keys and values, in order of position. */
public final class BlockTable {
  private int[] blocks = new int[8];
  private int size;

  BlockTable() {}

  public int size() {
    return size;
  }

  public int block(int index) {
    return blocks[index];
  }

  /** The live array; valid up to {@link #size()}, appended to while the sequence grows. */
  public int[] array() {
    return blocks;
  }

  /** The pool-wide index of the place where {@code position} is stored. */
  public int slot(int position, int blockSize) {
    return blocks[position / blockSize] * blockSize + position % blockSize;
  }

  void append(int block) {
    if (size == blocks.length) {
      // A new array: a step in flight may still read the old one.
      blocks = Arrays.copyOf(blocks, size * 2);
    }
    blocks[size++] = block;
  }

  void clear() {
    size = 0;
  }
}
