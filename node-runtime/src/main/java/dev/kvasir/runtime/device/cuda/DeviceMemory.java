package dev.kvasir.runtime.device.cuda;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * The process's GPU memory: pieces are cut from slabs, 256-byte aligned, counted by use, and given
 * back together when the device closes. Nothing is taken while steps run.
 */
final class DeviceMemory implements AutoCloseable {
  static final long ALIGNMENT = 256;

  /** Small pieces share a slab; larger ones get their own. */
  private static final long SLAB_BYTES = 64L << 20;

  /** What memory is for: the label of kvasir's metric and of the sum in an out-of-memory error. */
  enum Use {
    WEIGHTS,
    KV_CACHE,
    ACTIVATIONS,
    WORKSPACE
  }

  private final Gpu gpu;
  private final List<DeviceBuffer> slabs = new ArrayList<>();
  private final Map<Use, Long> used = new EnumMap<>(Use.class);
  private DeviceBuffer current;
  private long currentUsed;

  private static final class Slab extends CUdeviceptr {
    long address() {
      return getNativePointer();
    }
  }

  DeviceMemory(Gpu gpu) {
    this.gpu = gpu;
  }

  DeviceBuffer allocate(Use use, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("%d bytes for %s".formatted(bytes, use));
    }
    long rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    DeviceBuffer piece = rounded > SLAB_BYTES / 4 ? slab(use, rounded) : cut(use, rounded);
    used.merge(use, rounded, Long::sum);
    return piece.slice(0, bytes);
  }

  private DeviceBuffer cut(Use use, long bytes) {
    if (current == null || currentUsed + bytes > current.bytes()) {
      current = slab(use, SLAB_BYTES);
      currentUsed = 0;
    }
    DeviceBuffer piece = current.slice(currentUsed, bytes);
    currentUsed += bytes;
    return piece;
  }

  private DeviceBuffer slab(Use use, long bytes) {
    Slab pointer = new Slab();
    int code = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      long[] memory = gpu.memory();
      throw new CudaException(
          code,
          Calls.message(
              code,
              "%d bytes for %s do not fit: %d of %d bytes are free on %s; taken so far: %s"
                  .formatted(bytes, use, memory[0], memory[1], gpu.name(), used)));
    }
    Calls.check(code, "taking %d bytes for %s", bytes, use);
    DeviceBuffer slab = new DeviceBuffer(pointer, pointer.address(), bytes);
    slabs.add(slab);
    return slab;
  }

  /** Bytes by use, padding included. */
  Map<Use, Long> used() {
    return new EnumMap<>(used);
  }

  @Override
  public void close() {
    for (DeviceBuffer slab : slabs) {
      Calls.check(JCudaDriver.cuMemFree(slab.pointer()), "giving back %d bytes", slab.bytes());
    }
    slabs.clear();
    used.clear();
    current = null;
  }
}
