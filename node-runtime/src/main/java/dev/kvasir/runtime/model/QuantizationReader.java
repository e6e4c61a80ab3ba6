package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.EngineOptions.QuantizationChoice;
import dev.kvasir.runtime.engine.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds out how a checkpoint is quantized, and refuses what is not supported by its name. */
final class QuantizationReader {
  private static final String SUPPORTED =
      "awq, gptq, fp8, fbgemm_fp8 and compressed-tensors are supported";

  private QuantizationReader() {}

  /** A quantization config where it was found; older tools write files that name no method. */
  private record Found(JsonFields config, String methodUnlessNamed) {
    String method() {
      return config.text("quant_method", config.text("method", methodUnlessNamed));
    }
  }

  static Quantization read(Path directory, QuantizationChoice choice) {
    refuse(
        directory.resolve("adapter_config.json"),
        "a LoRA adapter, and adapters are not supported: merge it into its model first");
    refuse(
        directory.resolve("hf_quant_config.json"),
        "weights quantized by ModelOpt, which are not supported; " + SUPPORTED);
    Quantization quantization =
        find(directory).map(QuantizationReader::read).orElseGet(Quantization.None::new);
    if (choice != QuantizationChoice.AUTO && !choice.flag().equals(quantization.method())) {
      throw new StartupException(
          "--quantization %s: %s is %s (%s); use auto"
              .formatted(choice.flag(), directory, quantization.method(), quantization.inWords()));
    }
    return quantization;
  }

  private static void refuse(Path file, String what) {
    if (Files.exists(file)) {
      throw new StartupException(file + ": this is " + what);
    }
  }

  private static Optional<Found> find(Path directory) {
    JsonFields config = JsonFields.read(directory.resolve("config.json"));
    for (String field : List.of("quantization_config", "compression_config")) {
      if (config.has(field)) {
        String otherwise = field.startsWith("compression") ? "compressed-tensors" : "";
        return Optional.of(new Found(config.object(field), otherwise));
      }
    }
    return findFile(directory.resolve("quant_config.json"), "awq")
        .or(() -> findFile(directory.resolve("quantize_config.json"), "gptq"));
  }

  private static Optional<Found> findFile(Path file, String method) {
    return Files.isRegularFile(file)
        ? Optional.of(new Found(JsonFields.read(file), method))
        : Optional.empty();
  }

  private static Quantization read(Found found) {
    JsonFields config = found.config();
    return switch (found.method()) {
      case "awq" -> AwqQuantization.read(config);
      case "gptq" -> GptqQuantization.read(config);
      case "fp8" -> Fp8Quantization.read(config);
      case "fbgemm_fp8" -> Fp8Quantization.readFbgemm(config);
      case "compressed-tensors" -> CompressedTensorsQuantization.read(config);
      case "" -> throw config.wrong("quant_method", "there: " + SUPPORTED);
      default ->
          throw new StartupException(
              "%s: quant_method '%s' is not supported; %s"
                  .formatted(config.file(), found.method(), SUPPORTED));
    };
  }
}
