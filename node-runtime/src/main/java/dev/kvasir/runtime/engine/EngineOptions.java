package dev.kvasir.runtime.engine;

import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How to start an engine: the model flags of the command line, in their own units.
 *
 * @param model a directory in Hugging Face layout
 * @param maxModelLen most tokens of prompt and output together; empty takes the model's own
 *     maximum, bounded by what the KV pool holds
 * @param maxNumBatchedTokens token budget of a step; empty takes the device's default
 * @param kvCacheMemoryBytes size of the KV pool; empty takes the device's default
 * @param kvBlocksOverride exact number of KV blocks, whatever the memory; for tests and
 *     measurements
 * @param seed of the random weights that {@link LoadFormat#DUMMY} makes
 * @param gpuMemoryUtilization share of a GPU's memory that may be in use, by others too
 */
public record EngineOptions(
    Path model,
    DeviceChoice device,
    OptionalInt maxModelLen,
    int maxNumSeqs,
    OptionalInt maxNumBatchedTokens,
    int blockSize,
    int maxWaiting,
    OptionalLong kvCacheMemoryBytes,
    OptionalInt kvBlocksOverride,
    KvCacheType kvCacheType,
    WeightType weightType,
    QuantizationChoice quantization,
    LoadFormat loadFormat,
    boolean prefixCaching,
    long seed,
    double gpuMemoryUtilization) {
  public static final double DEFAULT_GPU_MEMORY_UTILIZATION = 0.92;

  /** {@code --device}. */
  public enum DeviceChoice {
    AUTO,
    CPU,
    CUDA
  }

  /** {@code --kv-cache-dtype}. */
  public enum KvCacheType {
    AUTO,
    BF16,
    FP8
  }

  /** {@code --dtype}. */
  public enum WeightType {
    AUTO,
    BFLOAT16,
    FLOAT16,
    FLOAT32
  }

  /** {@code --quantization}: what a checkpoint must be, AUTO taking what it is. */
  public enum QuantizationChoice {
    AUTO("auto"),
    NONE("none"),
    AWQ("awq"),
    GPTQ("gptq"),
    FP8("fp8"),
    COMPRESSED_TENSORS("compressed-tensors");

    private final String flag;

    QuantizationChoice(String flag) {
      this.flag = flag;
    }

    public String flag() {
      return flag;
    }

    @Override
    public String toString() {
      return flag;
    }
  }

  /** {@code --load-format}. */
  public enum LoadFormat {
    AUTO,
    SAFETENSORS,
    DUMMY
  }

  public EngineOptions {
    positive("--max-num-seqs", maxNumSeqs);
    positive("--block-size", blockSize);
    positive("--max-waiting", maxWaiting);
    maxModelLen.ifPresent(n -> positive("--max-model-len", n));
    maxNumBatchedTokens.ifPresent(n -> positive("--max-num-batched-tokens", n));
    kvCacheMemoryBytes.ifPresent(n -> positive("--kv-cache-memory-bytes", n));
    kvBlocksOverride.ifPresent(n -> positive("--num-gpu-blocks-override", n));
    if (!(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= 1)) {
      throw new IllegalArgumentException(
          "--gpu-memory-utilization must be above 0 and at most 1, got " + gpuMemoryUtilization);
    }
  }

  /** The flags' defaults for a model. */
  public static EngineOptions defaults(Path model) {
    return new EngineOptions(
        model,
        DeviceChoice.AUTO,
        OptionalInt.empty(),
        256,
        OptionalInt.empty(),
        16,
        1024,
        OptionalLong.empty(),
        OptionalInt.empty(),
        KvCacheType.AUTO,
        WeightType.AUTO,
        QuantizationChoice.AUTO,
        LoadFormat.AUTO,
        true,
        0,
        DEFAULT_GPU_MEMORY_UTILIZATION);
  }

  private static void positive(String flag, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(flag + " must be at least 1, got " + value);
    }
  }
}
