package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Arrays that the host fills before each step, side by side so that one copy brings all of them to
 * the GPU, where they have fixed addresses. First all are reserved, then the memory is taken.
 */
final class UploadArea implements AutoCloseable {
  private static final int ALIGNMENT = 16;

  private long size;
  private PinnedMemory host;
  private DeviceBuffer device;

  /** One array. */
  final class Part {
    private final long at;
    private final long bytes;

    private Part(long at, long bytes) {
      this.at = at;
      this.bytes = bytes;
    }

    DeviceBuffer device() {
      return device.slice(at, bytes);
    }

    MemorySegment host() {
      return host.segment().asSlice(at, bytes);
    }

    void set(int[] values) {
      MemorySegment.copy(values, 0, host(), ValueLayout.JAVA_INT, 0, values.length);
    }

    void set(float[] values) {
      MemorySegment.copy(values, 0, host(), ValueLayout.JAVA_FLOAT, 0, values.length);
    }

    void set(long[] values) {
      MemorySegment.copy(values, 0, host(), ValueLayout.JAVA_LONG, 0, values.length);
    }

    void set(double[] values) {
      MemorySegment.copy(values, 0, host(), ValueLayout.JAVA_DOUBLE, 0, values.length);
    }
  }

  Part reserve(long bytes) {
    Part part = new Part(size, bytes);
    size = (size + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return part;
  }

  void allocate(DeviceMemory memory) {
    host = PinnedMemory.allocate(size);
    device = memory.allocate(DeviceMemory.Use.WORKSPACE, size);
  }

  /** Brings the arrays over; they stay as they are until the stream has come that far. */
  void upload(Stream stream) {
    stream.upload(host, device, size);
  }

  @Override
  public void close() {
    host.close();
  }
}
