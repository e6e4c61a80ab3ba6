package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Buffer;
import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The processor, through the Vector API: float32 arithmetic over bfloat16 or float32 weights, keys
 * and values in float32 unless told otherwise. A row's results are the same bits in every batch.
 * The reference for other devices.
 */
public final class CpuDevice implements Device {
  private static final int MOST_THREADS = 64;
  private static final long DEFAULT_KV_BYTES = 1L << 30;
  private static final int DEFAULT_BATCHED_TOKENS = 512;

  private final Arena arena = Arena.ofShared();
  private final WorkerPool pool;
  private final long machineBytes;
  private final LinearObserver observer;

  /** All processors and the memory of this machine, or of its container's limits. */
  public static CpuDevice ofThisMachine() {
    return observed((values, rows, columns) -> {});
  }

  /** This machine, shown to an observer while it computes: for calibration. */
  public static CpuDevice observed(LinearObserver observer) {
    return new CpuDevice(
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean machine
            ? machine.getTotalMemorySize()
            : Long.MAX_VALUE,
        observer);
  }

  /**
   * @param processors that may be used
   * @param machineBytes memory that there is
   */
  public CpuDevice(int processors, long machineBytes) {
    this(processors, machineBytes, (values, rows, columns) -> {});
  }

  private CpuDevice(int processors, long machineBytes, LinearObserver observer) {
    this.machineBytes = machineBytes;
    this.observer = observer;
    pool = new WorkerPool(Math.clamp(processors, 1, MOST_THREADS));
  }

  @Override
  public String name() {
    return "cpu (%d threads, %d-bit vectors)".formatted(pool.threads(), Lanes.F.vectorBitSize());
  }

  @Override
  public Status status() {
    return Status.NO_CARD;
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

  @Override
  public Buffer logits(int rows, int columns) {
    return new CpuBuffer(rows, columns);
  }

  @Override
  public int defaultBatchedTokens() {
    return DEFAULT_BATCHED_TOKENS;
  }

  @Override
  public KvType defaultKvType() {
    return KvType.FLOAT32;
  }

  @Override
  public Optional<String> objection(KvLayout layout) {
    // Vectors of up to 16 positions, and room for a block of scores beyond the longest sequence.
    boolean fits = layout.blockSize() % 16 == 0 && layout.blockSize() <= 256;
    return fits
        ? Optional.empty()
        : Optional.of(
            "--block-size %d: the CPU takes multiples of 16 up to 256"
                .formatted(layout.blockSize()));
  }

  @Override
  public long kvBlockBytes(KvLayout layout, int group) {
    return CpuKvCache.blockBytes(layout, group);
  }

  /** A tenth is kept for the JVM and the system. */
  @Override
  public Memory memory() {
    return new Memory(
        machineBytes - machineBytes / 10,
        DEFAULT_KV_BYTES,
        true,
        "of %d MB memory a tenth is kept back".formatted(machineBytes >> 20),
        "this needs a machine with more memory, or smaller or quantized weights");
  }

  @Override
  public long weightBytes(long stored) {
    return stored;
  }

  /** In float32, with one buffer for inputs that a product wants in another form. */
  @Override
  public long workspaceBytes(Workspace workspace, Activations activations, KvLayout layout) {
    long scratch =
        AttentionScratch.bytes(workspace.sequenceLength())
            + SampleOp.scratchBytes(workspace.vocabularySize());
    return pool.threads() * scratch
        + 4L
            * (workspace.rows() * (activations.row() + workspace.widestInput())
                + workspace.sampledRows()
                    * (activations.sampledRow() + workspace.vocabularySize()));
  }

  @Override
  public List<KvLayer> kvCache(KvLayout layout, int[] blocks, List<KvScale> scales) {
    KvLayer[] layers = new KvLayer[layout.windows().length];
    for (int group = 0; group < blocks.length; group++) {
      new CpuKvCache(arena, layout, group, blocks[group]).putLayers(scales, layers);
    }
    return List.of(layers);
  }

  @Override
  public Ops ops(Workspace workspace, Collection<Rope> ropes) {
    return new CpuOps(pool, workspace, observer);
  }

  @Override
  public void close() {
    pool.close();
    arena.close();
  }
}
