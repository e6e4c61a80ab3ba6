package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.cpu.CpuDevice;
import dev.kvasir.runtime.device.cuda.CudaDevice;
import dev.kvasir.runtime.device.cuda.CudaException;
import dev.kvasir.runtime.engine.StartedEngine.StartupTimes;
import dev.kvasir.runtime.model.DecoderModel;
import dev.kvasir.runtime.model.DecoderWeights;
import dev.kvasir.runtime.model.ModelSource;
import dev.kvasir.runtime.scheduler.RotationRule;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Puts an engine together: options, device, weights, KV pool, loop. */
public final class EngineStarter {
  private static final System.Logger LOG = System.getLogger(EngineStarter.class.getName());

  private EngineStarter() {}

  /** What a model is and what of it would fit, found without loading its weights. */
  public record Inspection(ModelSummary model, MemoryPlan memory) {}

  /**
   * Reads what a model says of itself and does the arithmetic.
   *
   * @throws StartupException where the model or an option cannot be served
   */
  public static Inspection inspect(EngineOptions options) {
    try (Device device = device(options);
        ModelSource source = ModelSource.open(options)) {
      return new Inspection(source.summary(), new Sizing(options, source, device).plan());
    }
  }

  /**
   * Loads a model and starts its engine.
   *
   * @throws StartupException where the model or an option cannot be served
   */
  public static StartedEngine start(EngineOptions options) {
    return start(options, device(options));
  }

  /** Starts an engine on a device that the caller has chosen; the engine closes it. */
  public static StartedEngine start(EngineOptions options, Device device) {
    ModelSource source = null;
    try {
      source = ModelSource.open(options);
      return start(options, source, device);
    } catch (RuntimeException e) {
      device.close();
      if (source != null) {
        source.close();
      }
      throw e;
    }
  }

  private static StartedEngine start(EngineOptions options, ModelSource source, Device device) {
    plan(new Sizing(options, source, device));
    log(source.summary(), device);
    long start = System.nanoTime();
    DecoderWeights weights = source.load(device);
    long loaded = System.nanoTime();
    // Once more: only now the device knows what the weights take.
    Sizing sizing = new Sizing(options, source, device);
    MemoryPlan memory = plan(sizing);
    LOG.log(System.Logger.Level.INFO, memory.inWords());
    List<KvScale> scales = source.kvScales(sizing.kvLayout().type());
    List<KvLayer> cache = device.kvCache(sizing.kvLayout(), sizing.kvBlocks(memory), scales);
    DecoderModel model = source.model(device, weights, cache, sizing.workspace(memory));
    long built = System.nanoTime();
    EngineLimits limits = sizing.limits(memory);
    StepExecutor executor = new ModelExecutor(model, device, source);
    Engine engine = new EngineLoop(limits, executor, WarmUp.of(limits, executor));
    StartupTimes times =
        new StartupTimes(Duration.ofNanos(loaded - start), Duration.ofNanos(built - loaded));
    return new StartedEngine(
        engine, source.summary(), memory, device.name(), device.status(), times);
  }

  private static MemoryPlan plan(Sizing sizing) {
    MemoryPlan memory = sizing.plan();
    sizing.requireFits(memory, Runtime.getRuntime().maxMemory());
    return memory;
  }

  /** The one place that knows which devices there are. */
  private static Device device(EngineOptions options) {
    return switch (options.device()) {
      case AUTO -> best(options);
      case CPU -> CpuDevice.ofThisMachine();
      case CUDA -> gpu(options);
    };
  }

  /** A GPU where one can be used. */
  private static Device best(EngineOptions options) {
    Optional<String> obstacle =
        options.weightType() == EngineOptions.WeightType.FLOAT32
            ? Optional.of("--dtype float32 is for CPUs")
            : CudaDevice.obstacle();
    if (obstacle.isPresent()) {
      LOG.log(System.Logger.Level.INFO, "no GPU is used: {0}", obstacle.get());
      return CpuDevice.ofThisMachine();
    }
    try {
      return CudaDevice.open(options.gpuMemoryUtilization());
    } catch (CudaException e) {
      LOG.log(System.Logger.Level.WARNING, "no GPU is used: {0}", e.getMessage());
      return CpuDevice.ofThisMachine();
    }
  }

  private static Device gpu(EngineOptions options) {
    if (options.weightType() == EngineOptions.WeightType.FLOAT32) {
      throw new StartupException(
          "--dtype float32: a GPU computes from bfloat16 or quantized weights; use auto or"
              + " bfloat16, or --device cpu");
    }
    try {
      return CudaDevice.open(options.gpuMemoryUtilization());
    } catch (CudaException e) {
      throw new StartupException("--device cuda: " + e.getMessage(), e);
    }
  }

  private static void log(ModelSummary model, Device device) {
    LOG.log(
        System.Logger.Level.INFO,
        "{0} with {1} M parameters ({2}, {3} MB) on {4}",
        model.architecture(),
        "%.1f".formatted(model.parameters() / 1e6),
        model.weightType(),
        "%.0f".formatted(model.weightBytes() / 1e6),
        device.name());
  }

  /** The model on its device. */
  private record ModelExecutor(DecoderModel model, Device device, ModelSource source)
      implements StepExecutor {
    @Override
    public int depth() {
      return device.depth();
    }

    @Override
    public StepHandle execute(StepPlan plan, boolean drawsLater) {
      return model.execute(plan, drawsLater);
    }

    @Override
    public RotationRule rotation() {
      return source.rotation();
    }

    @Override
    public void close() {
      device.close();
      source.close();
    }
  }
}
