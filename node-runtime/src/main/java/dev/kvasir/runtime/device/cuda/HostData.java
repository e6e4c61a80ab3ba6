package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Brings the host's data to the GPU: into pieces of its memory, or to stay there. */
final class HostData implements AutoCloseable {
  private final DeviceMemory memory;
  private final Stream stream;
  private final Uploader uploader;

  HostData(Gpu gpu, DeviceMemory memory, Stream stream) {
    this.memory = memory;
    this.stream = stream;
    this.uploader = new Uploader(gpu);
  }

  /**
   * Fills a buffer with what lies in segments one after another, once kernels are done with it.
   *
   * @param from how many bytes of them to leave out
   */
  void bring(List<MemorySegment> segments, long from, DeviceBuffer to) {
    stream.synchronize();
    long filled = 0;
    long start = 0;
    for (MemorySegment segment : segments) {
      long skipped = Math.max(0, from - start);
      long bytes = Math.min(segment.byteSize() - skipped, to.bytes() - filled);
      if (bytes > 0) {
        uploader.upload(segment.asSlice(skipped, bytes), to.slice(filled, bytes));
        filled += bytes;
      }
      start += segment.byteSize();
    }
    if (filled != to.bytes()) {
      throw new IllegalArgumentException(
          "%d bytes from %d on were wanted, %d are there".formatted(to.bytes(), from, filled));
    }
  }

  DeviceBuffer keep(List<MemorySegment> segments) {
    long bytes = segments.stream().mapToLong(MemorySegment::byteSize).sum();
    DeviceBuffer buffer = memory.allocate(DeviceMemory.Use.WEIGHTS, bytes);
    bring(segments, 0, buffer);
    return buffer;
  }

  DeviceBuffer keep(float[] values) {
    try (Arena arena = Arena.ofConfined()) {
      return small(arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
    }
  }

  DeviceBuffer keep(int[] values) {
    try (Arena arena = Arena.ofConfined()) {
      return small(arena.allocateFrom(ValueLayout.JAVA_INT, values));
    }
  }

  private DeviceBuffer small(MemorySegment values) {
    DeviceBuffer buffer = memory.allocate(DeviceMemory.Use.WEIGHTS, values.byteSize());
    buffer.write(values);
    return buffer;
  }

  @Override
  public void close() {
    uploader.close();
  }
}
