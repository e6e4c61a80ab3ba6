package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/**
 * Columns in groups that share a scale, each group padded to whole vectors, so that no vector
 * crosses a group's end.
 *
 * @param groupSize columns of a group; the last may have fewer
 * @param groupWidth elements that a group takes, padding included
 */
record ColumnGroups(int columns, int groupSize, int groupWidth) {

  static ColumnGroups of(int columns, int groupSize, int alignment) {
    int size = Math.min(columns, groupSize);
    return new ColumnGroups(columns, size, Math.ceilDiv(size, alignment) * alignment);
  }

  /** All columns as one group. */
  static ColumnGroups one(int columns, int alignment) {
    return of(columns, columns, alignment);
  }

  int groups() {
    return Math.ceilDiv(columns, groupSize);
  }

  /** Elements that a row takes, padding included. */
  int width() {
    return groups() * groupWidth;
  }

  /** Columns of a group without its padding. */
  int columnsOf(int group) {
    return Math.min(groupSize, columns - group * groupSize);
  }

  boolean unpadded() {
    return groupWidth == groupSize && columns % groupSize == 0;
  }

  void arrange(float[] in, int from, float[] out, int to) {
    for (int group = 0; group < groups(); group++) {
      int count = columnsOf(group);
      int at = to + group * groupWidth;
      System.arraycopy(in, from + group * groupSize, out, at, count);
      Arrays.fill(out, at + count, at + groupWidth, 0f);
    }
  }
}
