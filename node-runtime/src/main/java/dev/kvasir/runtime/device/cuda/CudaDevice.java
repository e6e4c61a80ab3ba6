package dev.kvasir.runtime.device.cuda;

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
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jcuda.driver.CUresult;

/** An NVIDIA GPU, through JCuda and our own kernels: bfloat16 activations, paged KV cache. */
public final class CudaDevice implements Device {
  private static final int DEFAULT_BATCHED_TOKENS = 2048;

  /** For kernels' code and what rounding up takes. */
  private static final long RESERVED_BYTES = 256L << 20;

  private final Gpu gpu;
  private final KernelModules modules;
  private final DeviceMemory memory;
  private final Stream stream;
  private final Memory budget;
  private final Steps steps;
  private WeightPreparation preparation;
  private KvLayout layout;
  private CudaOps ops;
  private int widestPart;

  /** How steps run. */
  public enum Steps {
    /** Two in flight, those that only decode each one call of the driver. */
    OVERLAPPED,
    /** One after another, kernel by kernel: what the others are held against. */
    ONE_BY_ONE
  }

  private CudaDevice(Gpu gpu, double share, Steps steps) {
    this.steps = steps;
    this.gpu = gpu;
    this.modules = new KernelModules(gpu);
    this.memory = new DeviceMemory(gpu);
    this.stream = new Stream();
    this.budget = budget(gpu, share);
  }

  /**
   * Opens the first GPU.
   *
   * @param share of its memory that may be used, by others too
   * @throws CudaException where there is none that can be used
   */
  public static CudaDevice open(double share) {
    return open(share, Steps.OVERLAPPED);
  }

  /** The same, with steps that run as is said. */
  public static CudaDevice open(double share, Steps steps) {
    Gpu gpu = Gpu.open(0);
    try {
      KernelModules.objection(gpu.driverVersion())
          .ifPresent(objection -> {
            throw new CudaException(CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, objection);
          });
      return new CudaDevice(gpu, share, steps);
    } catch (RuntimeException e) {
      gpu.close();
      throw e;
    }
  }

  /** Why there is no use in opening a GPU; empty where that is worth trying. */
  public static Optional<String> obstacle() {
    if (!KernelModules.built()) {
      return Optional.of("this build has no GPU kernels");
    }
    if (!LaunchFunction.hasDriver()) {
      return Optional.of("no NVIDIA driver was found (libcuda.so.1)");
    }
    return Optional.empty();
  }

  private static Memory budget(Gpu gpu, double share) {
    long[] free = gpu.memory();
    long total = free[1];
    long others = total - free[0];
    long usable = Math.max(0, (long) (total * share) - others);
    String words =
        "%.0f %% of the %d MB of %s, less the %d MB that are in use"
            .formatted(share * 100, total >> 20, gpu.name(), others >> 20);
    String remedy =
        "raise --gpu-memory-utilization (now %s), lower --max-num-batched-tokens or --max-num-seqs, or take a GPU with more memory or smaller weights"
            .formatted(share);
    return new Memory(usable, usable, false, words, remedy);
  }

  @Override
  public int defaultBatchedTokens() {
    return DEFAULT_BATCHED_TOKENS;
  }

  @Override
  public long weightBytes(long stored) {
    long loaded = memory.used().getOrDefault(DeviceMemory.Use.WEIGHTS, 0L);
    return loaded == 0 ? stored : loaded;
  }

  @Override
  public long workspaceBytes(Workspace workspace, Activations activations, KvLayout layout) {
    return CudaOps.bytes(workspace, layout, gpu.multiprocessors())
        + workspace.rows() * (2 * activations.row() + activations.row() / 32)
        + 2L * workspace.sampledRows() * activations.sampledRow()
        + 4L * workspace.sampledRows() * workspace.vocabularySize()
        + RESERVED_BYTES;
  }

  @Override
  public String name() {
    return "cuda (%s, %d MB, driver for CUDA %s)"
        .formatted(gpu.name(), gpu.memory()[1] >> 20, KernelModules.inWords(gpu.driverVersion()));
  }

  @Override
  public Status status() {
    long[] freeAndTotal = gpu.memory();
    Map<DeviceMemory.Use, Long> used = memory.used();
    Map<String, Long> byUse = new TreeMap<>();
    byUse.put("weights", used.getOrDefault(DeviceMemory.Use.WEIGHTS, 0L));
    byUse.put("kv", used.getOrDefault(DeviceMemory.Use.KV_CACHE, 0L));
    byUse.put(
        "workspace",
        used.getOrDefault(DeviceMemory.Use.ACTIVATIONS, 0L)
            + used.getOrDefault(DeviceMemory.Use.WORKSPACE, 0L));
    byUse.put("free", freeAndTotal[0]);
    return new Status(
        gpu.name(), freeAndTotal[1], "CUDA " + KernelModules.inWords(gpu.driverVersion()), byUse);
  }

  @Override
  public int depth() {
    return steps == Steps.OVERLAPPED ? 2 : 1;
  }

  @Override
  public Weight prepare(Linear linear) {
    CudaWeight weight = preparation().prepare(linear);
    if (weight.parts().size() > 1) {
      for (CudaWeight.Part part : weight.parts()) {
        widestPart = Math.max(widestPart, part.rows());
      }
    }
    return weight;
  }

  @Override
  public WeightVector prepare(float[] values) {
    return preparation().vector(values);
  }

  private WeightPreparation preparation() {
    if (preparation == null) {
      preparation = new WeightPreparation(gpu, modules, memory, stream);
    }
    return preparation;
  }

  @Override
  public Buffer buffer(int rows, int columns) {
    if (columns % 8 != 0 || columns > Integer.MAX_VALUE / 4) {
      throw new IllegalArgumentException(
          "activations of %d columns: a GPU takes multiples of 8; use --device cpu"
              .formatted(columns));
    }
    return CudaBuffer.bf16(memory, rows, columns);
  }

  @Override
  public Buffer logits(int rows, int columns) {
    return CudaBuffer.float32(memory, rows, columns);
  }

  @Override
  public KvType defaultKvType() {
    return KvType.BFLOAT16;
  }

  @Override
  public Optional<String> objection(KvLayout layout) {
    if (layout.blockSize() % 16 != 0) {
      return Optional.of(
          "--block-size %d: a GPU takes multiples of 16".formatted(layout.blockSize()));
    }
    if (layout.headDim() % 8 != 0 || layout.headDim() > PagedCache.MOST_DIM) {
      return Optional.of(
          "heads of %d dimensions: a GPU takes multiples of 8 up to %d; use --device cpu"
              .formatted(layout.headDim(), PagedCache.MOST_DIM));
    }
    return layout.type() == KvType.FLOAT32
        ? Optional.of("a GPU keeps keys and values in bf16 or fp8")
        : Optional.empty();
  }

  @Override
  public long kvBlockBytes(KvLayout layout, int group) {
    return 2L * layout.layersOf(group).length * layerBytes(layout, 1);
  }

  /** Of the keys, or of the values, of some blocks. */
  private static long layerBytes(KvLayout layout, int blocks) {
    return (long) blocks
        * layout.kvHeads()
        * layout.blockSize()
        * PagedCache.storedDim(layout.headDim())
        * layout.type().bytes();
  }

  @Override
  public Memory memory() {
    return budget;
  }

  @Override
  public List<KvLayer> kvCache(KvLayout layout, int[] blocks, List<KvScale> scales) {
    this.layout = layout;
    closePreparation();
    KvLayer[] layers = new KvLayer[layout.windows().length];
    for (int group = 0; group < blocks.length; group++) {
      for (int layer : layout.layersOf(group)) {
        layers[layer] = kvLayer(layout, blocks[group], scales.get(layer), group);
      }
    }
    return Arrays.asList(layers);
  }

  private KvLayer kvLayer(KvLayout layout, int blocks, KvScale scale, int group) {
    boolean fp8 = layout.type() == KvType.FP8;
    long bytes = layerBytes(layout, blocks);
    return new CudaKvLayer(
        new PagedCache(
            memory.allocate(DeviceMemory.Use.KV_CACHE, bytes),
            memory.allocate(DeviceMemory.Use.KV_CACHE, bytes),
            fp8,
            layout.kvHeads(),
            PagedCache.storedDim(layout.headDim()),
            layout.blockSize(),
            fp8 ? scale.key() : 1,
            fp8 ? scale.value() : 1),
        group);
  }

  @Override
  public Ops ops(Workspace workspace, Collection<Rope> ropes) {
    ops =
        new CudaOps(
            new CudaParts(
                gpu, modules, memory, stream, layout, steps == Steps.OVERLAPPED, widestPart),
            workspace,
            ropes);
    return ops;
  }

  private void closePreparation() {
    if (preparation != null) {
      preparation.close();
      preparation = null;
    }
  }

  @Override
  public void close() {
    gpu.makeCurrent();
    closePreparation();
    if (ops != null) {
      ops.close();
    }
    stream.close();
    memory.close();
    gpu.close();
  }
}
