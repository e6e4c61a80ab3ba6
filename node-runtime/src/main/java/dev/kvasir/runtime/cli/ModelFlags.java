package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.EngineOptions.DeviceChoice;
import dev.kvasir.runtime.engine.EngineOptions.KvCacheType;
import dev.kvasir.runtime.engine.EngineOptions.LoadFormat;
import dev.kvasir.runtime.engine.EngineOptions.QuantizationChoice;
import dev.kvasir.runtime.engine.EngineOptions.WeightType;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import picocli.CommandLine.TypeConversionException;

/** The flags that say which model is run and how; vLLM's names. */
final class ModelFlags {
  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR|URI",
      description =
          "A directory in Hugging Face layout, file:///DIRECTORY, bundled://NAME, or"
              + " shape://NAME: a well-known configuration with random weights.")
  private String model;

  private ModelLocation location;

  @Option(
      names = "--device",
      defaultValue = "auto",
      description = "auto (a GPU where one can be used), cpu or cuda.")
  private DeviceChoice device;

  @Option(
      names = "--max-model-len",
      paramLabel = "N",
      description = "Most tokens of prompt and output together. Default: the model's maximum.")
  private Integer maxModelLen;

  @Option(
      names = "--max-num-seqs",
      defaultValue = "256",
      paramLabel = "N",
      description = "Most sequences that run at once. Default: ${DEFAULT-VALUE}.")
  private int maxNumSeqs;

  @Option(
      names = "--max-num-batched-tokens",
      paramLabel = "N",
      description = "Token budget of a step. Default: the device's.")
  private Integer maxNumBatchedTokens;

  @Option(
      names = "--block-size",
      defaultValue = "16",
      paramLabel = "N",
      description = "Tokens in a KV block. Default: ${DEFAULT-VALUE}.")
  private int blockSize;

  @Option(
      names = "--max-waiting",
      defaultValue = "1024",
      paramLabel = "N",
      description = "Most requests that wait; more get a 429. Default: ${DEFAULT-VALUE}.")
  private int maxWaiting;

  @Option(
      names = "--kv-cache-memory-bytes",
      paramLabel = "N",
      description =
          "Size of the KV cache. Default on a CPU: 1 GiB, or what the weights leave of the memory;"
              + " on a GPU all that they leave.")
  private Long kvCacheMemoryBytes;

  @Option(
      names = "--num-gpu-blocks-override",
      paramLabel = "N",
      description = "Exact number of KV blocks, whatever the memory.")
  private Integer numBlocksOverride;

  @Option(
      names = "--gpu-memory-utilization",
      paramLabel = "F",
      description =
          "Share of a GPU's memory that may be in use once the KV cache is taken. Default: 0.92.")
  private Double gpuMemoryUtilization;

  @Option(
      names = "--kv-cache-dtype",
      defaultValue = "auto",
      paramLabel = "TYPE",
      converter = KvCacheTypeConverter.class,
      description = "Type of keys and values: auto (on a CPU float32), bf16 or fp8 (E4M3).")
  private KvCacheType kvCacheType;

  @Option(
      names = "--quantization",
      defaultValue = "auto",
      paramLabel = "SCHEME",
      description =
          "What the checkpoint must be: auto (what it is), none, awq, gptq, fp8 or"
              + " compressed-tensors. Default: ${DEFAULT-VALUE}.")
  private QuantizationChoice quantization;

  @Option(
      names = "--dtype",
      defaultValue = "auto",
      paramLabel = "TYPE",
      description = "Type of the weights: auto, bfloat16, float16 or float32.")
  private WeightType weightType;

  @Option(
      names = "--load-format",
      defaultValue = "auto",
      paramLabel = "FORMAT",
      description = "auto, safetensors, or dummy: random weights from config.json alone.")
  private LoadFormat loadFormat;

  @Option(
      names = "--enable-prefix-caching",
      negatable = true,
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "true",
      paramLabel = "true|false",
      description = "Reuse the KV blocks of equal beginnings. Default: ${DEFAULT-VALUE}.")
  private boolean prefixCaching;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Seed of dummy weights, and of what generate draws.")
  private long seed;

  ModelLocation location() {
    try {
      if (location == null) {
        location = ModelLocation.parse(model);
      }
      return location;
    } catch (TypeConversionException e) {
      throw error("--model " + e.getMessage());
    }
  }

  EngineOptions options() {
    refuseWhatHasNoMeaning();
    try {
      return new EngineOptions(
          location().directory(),
          device,
          optional(maxModelLen),
          maxNumSeqs,
          optional(maxNumBatchedTokens),
          blockSize,
          maxWaiting,
          kvCacheMemoryBytes == null ? OptionalLong.empty() : OptionalLong.of(kvCacheMemoryBytes),
          optional(numBlocksOverride),
          kvCacheType,
          weightType,
          quantization,
          location().weightless() ? LoadFormat.DUMMY : loadFormat,
          prefixCaching,
          seed,
          gpuMemoryUtilization == null
              ? EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION
              : gpuMemoryUtilization);
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    }
  }

  long seed() {
    return seed;
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private void refuseWhatHasNoMeaning() {
    if (gpuMemoryUtilization != null && device == DeviceChoice.CPU) {
      throw error(
          "--gpu-memory-utilization has a meaning on a GPU only: with --device cpu use"
              + " --kv-cache-memory-bytes");
    }
  }

  private ParameterException error(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
