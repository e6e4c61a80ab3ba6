package dev.kvasir.runtime.kvcache;

import java.util.Arrays;

/**
 * The blocks that hold one sequence's keys and values in one KV group, in order of position. Those
 * before {@link #first()} are out of the window and given back; their entries mean nothing.
 */
public final class BlockTable {
  private int[] blocks = new int[8];
  private int first;
  private int size;

  BlockTable() {}

  public int size() {
    return size;
  }

  public int first() {
    return first;
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

  /** Begins a table whose first blocks were never needed. */
  void skipTo(int index) {
    while (size < index) {
      append(BlockPool.PADDING_BLOCK);
    }
    first = index;
  }

  /** Forgets blocks that have been given back; a step in flight may still look at them. */
  void dropBefore(int index) {
    first = Math.max(first, index);
  }

  void clear() {
    size = 0;
    first = 0;
  }
}
