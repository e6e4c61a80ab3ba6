package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Brings large pieces of host memory to the GPU: several threads copy parts, most often out of
 * mapped files, into pinned memory that the GPU reads by itself.
 */
final class Uploader implements AutoCloseable {
  private static final int MOST_THREADS = 8;
  private static final int PART_BYTES = 8 << 20;

  private final Gpu gpu;
  private final ExecutorService threads;
  private final BlockingQueue<Lane> lanes;

  private record Lane(PinnedMemory memory, Stream stream) {}

  Uploader(Gpu gpu) {
    this.gpu = gpu;
    int count = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_THREADS);
    threads = Executors.newFixedThreadPool(count, Thread.ofPlatform().daemon().factory());
    lanes = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      lanes.add(new Lane(PinnedMemory.allocate(PART_BYTES), new Stream()));
    }
  }

  /** Copies all of a segment and waits for that. */
  void upload(MemorySegment from, DeviceBuffer to) {
    List<Future<?>> parts = new ArrayList<>();
    for (long at = 0; at < from.byteSize(); at += PART_BYTES) {
      long bytes = Math.min(PART_BYTES, from.byteSize() - at);
      MemorySegment part = from.asSlice(at, bytes);
      DeviceBuffer place = to.slice(at, bytes);
      parts.add(threads.submit(() -> copy(part, place)));
    }
    parts.forEach(Uploader::await);
  }

  private void copy(MemorySegment from, DeviceBuffer to) {
    gpu.makeCurrent();
    Lane lane = lanes.remove(); // there is one for each thread
    try {
      MemorySegment.copy(from, 0, lane.memory().segment(), 0, from.byteSize());
      lane.stream().upload(lane.memory(), to, from.byteSize());
      lane.stream().synchronize();
    } finally {
      lanes.add(lane);
    }
  }

  private static void await(Future<?> part) {
    try {
      part.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while weights were copied to the GPU", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("weights could not be copied to the GPU", e);
    }
  }

  @Override
  public void close() {
    threads.close();
    for (Lane lane : lanes) {
      lane.memory().close();
      lane.stream().close();
    }
    lanes.clear();
  }
}
