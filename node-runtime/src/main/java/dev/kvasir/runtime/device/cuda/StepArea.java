package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Arrays that the host fills for each step and that have fixed places on the GPU. On the host there
 * are two slots of them: one can be filled while the step that has the other waits for its turn.
 * First all arrays are reserved, then the memory is taken.
 */
final class StepArea implements AutoCloseable {
  private static final int SLOTS = 2;
  private static final int ALIGNMENT = 16;
  private static final int HEADER_BYTES = 16 + 8 * FetchStep.MOST_PARTS;

  private final List<Part> parts = new ArrayList<>();
  private int size = HEADER_BYTES;
  private PinnedMemory host;
  private DeviceBuffer device;
  private int slot;

  /** One array. */
  final class Part {
    private final int at;
    private final int bytes;

    /** How much of it the step has. */
    private int used;

    private Part(int at, int bytes) {
      this.at = at;
      this.bytes = bytes;
    }

    int at() {
      return at;
    }

    DeviceBuffer device() {
      return device.slice(at, bytes);
    }

    /** Where the next step's first bytes are written, which then go over. */
    MemorySegment host(long length) {
      used = Math.max(used, (int) length);
      return host.segment().asSlice((long) slot * size + at, length);
    }

    /** A pair of numbers that the kernel reads where it lies. */
    MemorySegment pair(int index) {
      return host.segment().asSlice((long) slot * size + at + 8L * index, 8);
    }

    void set(int index, int value) {
      host(4L * (index + 1)).setAtIndex(ValueLayout.JAVA_INT, index, value);
    }

    void set(int[] values, int count) {
      MemorySegment.copy(values, 0, host(4L * count), ValueLayout.JAVA_INT, 0, count);
    }

    void set(float[] values, int count) {
      MemorySegment.copy(values, 0, host(4L * count), ValueLayout.JAVA_FLOAT, 0, count);
    }

    void set(long[] values, int count) {
      MemorySegment.copy(values, 0, host(8L * count), ValueLayout.JAVA_LONG, 0, count);
    }

    void set(double[] values, int count) {
      MemorySegment.copy(values, 0, host(8L * count), ValueLayout.JAVA_DOUBLE, 0, count);
    }

    /** Goes on after what was set. */
    void pad(int from, int to, int value) {
      MemorySegment all = host(4L * to);
      for (int i = from; i < to; i++) {
        all.setAtIndex(ValueLayout.JAVA_INT, i, value);
      }
    }
  }

  Part reserve(long bytes) {
    if (parts.size() == FetchStep.MOST_PARTS || size + bytes > Integer.MAX_VALUE / SLOTS) {
      throw new IllegalArgumentException(
          "%d arrays and %d bytes are more than a step's inputs have room for"
              .formatted(parts.size() + 1, size + bytes));
    }
    Part part = new Part(size, (int) bytes);
    parts.add(part);
    size = (int) ((size + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    return part;
  }

  void allocate(DeviceMemory memory) {
    host = PinnedMemory.allocate((long) SLOTS * size);
    device = memory.allocate(DeviceMemory.Use.WORKSPACE, size);
  }

  long hostAddress() {
    return host.segment().address();
  }

  int slotBytes() {
    return size;
  }

  DeviceBuffer device() {
    return device;
  }

  /** Tells the kernel what to take over: what was set, and so many updates and rows. */
  void seal(int updates, int rows) {
    MemorySegment header = host.segment().asSlice((long) slot * size, HEADER_BYTES);
    int count = 0;
    for (Part part : parts) {
      if (part.used > 0) {
        header.setAtIndex(ValueLayout.JAVA_INT, 4 + 2L * count, part.at);
        header.setAtIndex(ValueLayout.JAVA_INT, 5 + 2L * count, part.used);
        part.used = 0;
        count++;
      }
    }
    header.setAtIndex(ValueLayout.JAVA_INT, 0, count);
    header.setAtIndex(ValueLayout.JAVA_INT, 1, updates);
    header.setAtIndex(ValueLayout.JAVA_INT, 2, rows);
  }

  /** The GPU was given what was sealed; what comes next is for the step after. */
  void turn() {
    slot = (slot + 1) % SLOTS;
  }

  /** The GPU has begun to count anew. */
  void restart() {
    slot = 0;
  }

  @Override
  public void close() {
    host.close();
  }
}
