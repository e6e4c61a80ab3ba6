package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.scheduler.StepPlan;
import java.lang.foreign.ValueLayout;

/**
 * The sequences' block tables on the GPU, by group and slot; steps bring over what is new in them.
 */
final class BlockTables implements AutoCloseable {
  /** Updates that go over at once. */
  private static final int MOST_UPDATES = 1 << 16;

  private final UpdateTables kernel;
  private final Stream stream;
  private final int slots;
  private final int stride;
  private final int blockSize;
  private final DeviceBuffer tables;
  private final PinnedMemory host;
  private final DeviceBuffer updates;
  private int count;

  BlockTables(
      KernelModules modules,
      DeviceMemory memory,
      Stream stream,
      int groups,
      int slots,
      int sequenceLength,
      int blockSize) {
    this.kernel = new UpdateTables(modules);
    this.stream = stream;
    this.slots = slots;
    this.blockSize = blockSize;
    this.stride = Math.ceilDiv(sequenceLength, blockSize);
    tables = memory.allocate(DeviceMemory.Use.WORKSPACE, bytes(groups, slots, stride));
    host = PinnedMemory.allocate(8L * MOST_UPDATES);
    updates = memory.allocate(DeviceMemory.Use.WORKSPACE, 8L * MOST_UPDATES);
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

  /** A group's tables, by slot. */
  DeviceBuffer of(int group) {
    long bytes = 4L * slots * stride;
    return tables.slice(group * bytes, bytes);
  }

  void update(StepPlan plan) {
    for (int group = 0; group < plan.groups().size(); group++) {
      StepPlan.KvGroup places = plan.groups().get(group);
      for (int s = 0; s < plan.sequences(); s++) {
        int first = (group * slots + plan.sequenceSlots()[s]) * stride;
        int blocks = Math.ceilDiv(plan.sequenceLengths()[s], blockSize);
        int[] table = places.blockTables()[s];
        for (int i = places.newBlocksFrom()[s]; i < blocks; i++) {
          add(first + i, table[i]);
        }
      }
    }
    flush();
  }

  private void add(int index, int block) {
    if (count == MOST_UPDATES) {
      flush();
      stream.synchronize();
    }
    host.segment().setAtIndex(ValueLayout.JAVA_INT, 2L * count, index);
    host.segment().setAtIndex(ValueLayout.JAVA_INT, 2L * count + 1, block);
    count++;
  }

  private void flush() {
    if (count > 0) {
      stream.upload(host, updates, 8L * count);
      kernel.run(updates, count, tables, stream);
      count = 0;
    }
  }

  @Override
  public void close() {
    host.close();
  }
}
