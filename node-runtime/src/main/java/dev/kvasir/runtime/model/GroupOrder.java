package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The order of the columns that brings each group's together, from a g_idx tensor that gives every
 * input its group.
 *
 * @param order which input each column reads
 */
record GroupOrder(int[] order) {

  /** Empty where the inputs are already in the order of their groups. */
  static Optional<GroupOrder> of(String tensor, MemorySegment indices, int columns, int groupSize) {
    int[] groups = indices.toArray(PackedWeights.INT);
    if (allEqual(groups) && (groups[0] < 0 || columns > groupSize)) {
      // A placeholder that some exporters write where nothing was reordered.
      return Optional.empty();
    }
    int[] filled = new int[Math.ceilDiv(columns, groupSize)];
    int[] order = new int[columns];
    boolean sorted = true;
    for (int k = 0; k < columns; k++) {
      int group = groups[k];
      if (group < 0 || group >= filled.length) {
        throw new StartupException(
            "tensor '%s': input %d is in group %d, but %d inputs in groups of %d make %d groups"
                .formatted(tensor, k, group, columns, groupSize, filled.length));
      }
      int at = group * groupSize + filled[group]++;
      if (filled[group] > Math.min(groupSize, columns - group * groupSize)) {
        throw new StartupException(
            "tensor '%s': group %d has more than its %d inputs; groups of unequal sizes are not supported"
                .formatted(tensor, group, Math.min(groupSize, columns - group * groupSize)));
      }
      order[at] = k;
      sorted &= at == k;
    }
    return sorted ? Optional.empty() : Optional.of(new GroupOrder(order));
  }

  private static boolean allEqual(int[] values) {
    for (int value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }

  /** Reorders the nibbles of each row. */
  void reorderNibbles(MemorySegment rows, int count) {
    int rowBytes = Math.ceilDiv(order.length, 2);
    byte[] from = new byte[rowBytes];
    byte[] to = new byte[rowBytes];
    for (int row = 0; row < count; row++) {
      MemorySegment segment = rows.asSlice((long) row * rowBytes, rowBytes);
      MemorySegment.ofArray(from).copyFrom(segment);
      for (int j = 0; j < order.length; j++) {
        int shift = 4 * (order[j] & 1);
        int nibble = (from[order[j] >> 1] >> shift) & 15;
        to[j >> 1] = (byte) ((j & 1) == 0 ? nibble : to[j >> 1] | nibble << 4);
      }
      segment.copyFrom(MemorySegment.ofArray(to));
    }
  }

  /** Reorders the bytes of each row. */
  void reorderBytes(MemorySegment rows, int count) {
    byte[] from = new byte[order.length];
    byte[] to = new byte[order.length];
    for (int row = 0; row < count; row++) {
      MemorySegment segment = rows.asSlice((long) row * order.length, order.length);
      MemorySegment.ofArray(from).copyFrom(segment);
      for (int j = 0; j < order.length; j++) {
        to[j] = from[order[j]];
      }
      segment.copyFrom(MemorySegment.ofArray(to));
    }
  }
}
