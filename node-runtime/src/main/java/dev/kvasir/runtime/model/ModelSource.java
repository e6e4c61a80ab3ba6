package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.ModelSummary;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.scheduler.RotationRule;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** A model directory: what it says of itself, and its weights once they are asked for. */
public final class ModelSource implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ModelSource.class.getName());

  private final EngineOptions options;
  private final ModelConfig config;
  private final GenerationConfig generation;
  private final Arena arena = Arena.ofShared();
  private final Quantization quantization;
  private final Checkpoint checkpoint;

  private ModelSource(EngineOptions options) {
    this.options = options;
    this.config = ModelConfig.read(options.model());
    this.generation = GenerationConfig.read(options.model());
    this.quantization = QuantizationReader.read(options.model(), options.quantization());
    this.checkpoint = typed(stored());
  }

  /** Reads and checks the configuration and the weights' headers; weights stay on disk. */
  public static ModelSource open(EngineOptions options) {
    return new ModelSource(options);
  }

  public ModelSummary summary() {
    Set<Integer> eos = new TreeSet<>(config.eosTokenIds());
    eos.addAll(generation.eosTokenIds());
    return new ModelSummary(
        config.family().architecture(),
        config.parameters(),
        checkpoint.bytes(),
        checkpoint.bytes() - tableBytes(),
        weightType(),
        config.layers().size(),
        config.vocabularySize(),
        config.longest(),
        Set.copyOf(eos),
        generation.defaults());
  }

  /** Of an embedding table that is not the head too: a step looks up its tokens' rows only. */
  private long tableBytes() {
    return config.tiedEmbeddings()
        ? 0
        : (long) config.vocabularySize() * config.hiddenSize() * checkpoint.type().bytes();
  }

  public boolean isQuantized() {
    return !(quantization instanceof Quantization.None);
  }

  /** The linear layers of the decoder, in the order in which they are computed. */
  public List<LinearStage> linearStages() {
    return LinearStage.of(config);
  }

  private String weightType() {
    return quantization instanceof Quantization.None
        ? checkpoint.type().name().toLowerCase(Locale.ROOT)
        : quantization.inWords();
  }

  public int widestInput() {
    return Math.max(
        Math.max(config.hiddenSize(), config.intermediateSize()), config.attention().queryWidth());
  }

  /** Floats of the widest row of activations. */
  public int widestBuffer() {
    return Math.max(2 * config.intermediateSize(), config.attention().qkvWidth());
  }

  /** What the model's buffers have room for. */
  public Device.Activations activations() {
    long row =
        3L * config.hiddenSize()
            + config.attention().qkvWidth()
            + config.attention().queryWidth()
            + 3L * config.intermediateSize();
    return new Device.Activations(row, 3L * config.hiddenSize());
  }

  public KvLayout kvLayout(int blockSize, KvType type) {
    return new KvLayout(config.windows(), config.kvHeads(), config.headDim(), blockSize, type);
  }

  /** What each layer's keys and values of a type are scaled with. */
  public List<KvScale> kvScales(KvType type) {
    return new KvScales(checkpoint, config.layers().size()).read(type == KvType.FP8);
  }

  /** How positions turn, which decides what sequences may share. */
  public RotationRule rotation() {
    return config.rotation();
  }

  /** Loads the weights onto a device. */
  public DecoderWeights load(Device device) {
    DecoderWeights weights = new WeightLoader(config, checkpoint, device).load();
    Set<String> unused = checkpoint.unused();
    if (!unused.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: {1} tensors are no part of a {2} and stay unused: {3}",
          options.model(),
          unused.size(),
          config.family().architecture(),
          unused.stream().limit(5).toList());
    }
    return weights;
  }

  public DecoderModel model(
      Device device, DecoderWeights weights, List<KvLayer> cache, Device.Workspace workspace) {
    return new DecoderModel(config, weights, device, cache, workspace);
  }

  private Checkpoint stored() {
    return switch (options.loadFormat()) {
      case AUTO, SAFETENSORS -> SafetensorsCheckpoint.open(options.model(), quantization, arena);
      case DUMMY ->
          new DummyCheckpoint(arena, quantization, options.seed(), bytes(ElementType.BF16));
    };
  }

  private long bytes(ElementType plain) {
    return WeightTally.of(config, quantization).bytes(plain);
  }

  private Checkpoint typed(Checkpoint checkpoint) {
    return switch (options.weightType()) {
      case AUTO -> checkpoint;
      case BFLOAT16 ->
          new TypedCheckpoint(checkpoint, ElementType.BF16, arena, bytes(ElementType.BF16));
      case FLOAT32 ->
          new TypedCheckpoint(checkpoint, ElementType.F32, arena, bytes(ElementType.F32));
      case FLOAT16 ->
          throw new StartupException(
              "--dtype float16: weights are computed from in bfloat16, on a CPU also in float32;"
                  + " use auto, bfloat16 or float32");
    };
  }

  @Override
  public void close() {
    arena.close();
  }
}
