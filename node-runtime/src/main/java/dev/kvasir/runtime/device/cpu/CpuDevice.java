package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Buffer;
import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * The processor, through the Vector API: float32 arithmetic over bfloat16 or float32 weights, keys
 * and values in float32. A row's results are the same bits in every batch. The reference for other
 * devices.
 */
public final class CpuDevice implements Device {
  private static final int MOST_THREADS = 64;

  private final Arena arena = Arena.ofShared();
  private final WorkerPool pool;

  /**
   * @param processors that may be used
   */
  public CpuDevice(int processors) {
    pool = new WorkerPool(Math.clamp(processors, 1, MOST_THREADS));
  }

  @Override
  public String name() {
    return "cpu (%d threads, %d-bit vectors)".formatted(pool.threads(), Lanes.F.vectorBitSize());
  }

  @Override
  public int depth() {
    return 1;
  }

  @Override
  public Weight prepare(Linear linear) {
    return new WeightPreparation(arena, pool).prepare(linear);
  }

  @Override
  public WeightVector prepare(float[] values) {
    return new CpuVector(values);
  }

  @Override
  public Buffer buffer(int rows, int columns) {
    return new CpuBuffer(rows, columns);
  }

  /** Bytes that a block of this layout takes. */
  public static long kvBytesPerBlock(KvLayout layout) {
    return CpuKvCache.bytesPerBlock(layout);
  }

  @Override
  public List<KvLayer> kvCache(KvLayout layout) {
    int lanes = 16;
    if (layout.blockSize() % lanes != 0 || layout.blockSize() > 256) {
      throw new IllegalArgumentException(
          "--block-size on the CPU must be a multiple of %d up to 256, got %d"
              .formatted(lanes, layout.blockSize()));
    }
    return new CpuKvCache(arena, layout).layers();
  }

  @Override
  public Ops ops(Workspace workspace) {
    return new CpuOps(pool, workspace);
  }

  @Override
  public void close() {
    pool.close();
    arena.close();
  }
}
