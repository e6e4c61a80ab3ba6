package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.scheduler.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The sequences' block tables on the GPU, by group and slot; steps bring over what is new in them.
 */
final class BlockTables {
  /** Updates that go over at once. */
  private static final int MOST_UPDATES = 1 << 14;

  private final StepArea.Part updates;
  private final int slots;
  private final int stride;
  private final int blockSize;
  private final DeviceBuffer tables;
  private int count;

  BlockTables(
      StepArea area,
      DeviceMemory memory,
      Stream stream,
      int groups,
      int slots,
      int sequenceLength,
      int blockSize) {
    this.updates = area.reserve(8L * MOST_UPDATES);
    this.slots = slots;
    this.blockSize = blockSize;
    this.stride = Math.ceilDiv(sequenceLength, blockSize);
    tables = memory.allocate(DeviceMemory.Use.WORKSPACE, bytes(groups, slots, stride));
    // What no step has set yet names the reserved block.
    stream.fill(tables, (byte) 0);
  }

  static long bytes(int groups, int slots, int stride) {
    long bytes = 4L * groups * slots * stride;
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "block tables of %d sequences with %d blocks each take %d bytes: lower --max-num-seqs or --max-model-len"
              .formatted(slots, stride, bytes));
    }
    return bytes;
  }

  int stride() {
    return stride;
  }

  int mostUpdates() {
    return MOST_UPDATES;
  }

  StepArea.Part updates() {
    return updates;
  }

  DeviceBuffer all() {
    return tables;
  }

  /** A group's tables, by slot. */
  DeviceBuffer of(int group) {
    long bytes = 4L * slots * stride;
    return tables.slice(group * bytes, bytes);
  }

  /**
   * Writes what is new into the step's inputs.
   *
   * @param whenFull has the updates taken over that there are, and makes room for more
   * @return updates that are left to take over
   */
  int update(StepPlan plan, Runnable whenFull) {
    count = 0;
    for (int group = 0; group < plan.groups().size(); group++) {
      StepPlan.KvGroup places = plan.groups().get(group);
      for (int s = 0; s < plan.sequences(); s++) {
        int first = (group * slots + plan.sequenceSlots()[s]) * stride;
        int blocks = Math.ceilDiv(plan.sequenceLengths()[s], blockSize);
        int[] table = places.blockTables()[s];
        for (int i = places.newBlocksFrom()[s]; i < blocks; i++) {
          if (count == MOST_UPDATES) {
            whenFull.run();
            count = 0;
          }
          add(first + i, table[i]);
        }
      }
    }
    return count;
  }

  private void add(int index, int block) {
    MemorySegment pair = updates.pair(count++);
    pair.setAtIndex(ValueLayout.JAVA_INT, 0, index);
    pair.setAtIndex(ValueLayout.JAVA_INT, 1, block);
  }
}
