package dev.kvasir.runtime.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.TypeConversionException;

/**
 * A well-known model's configuration without its weights, to be measured with random ones: {@code
 * llama-3.1-8b}, {@code llama-3.1-8b-fp8}, {@code llama-3.1-8b-awq}.
 */
final class ModelShape {
  private static final List<String> NAMES = List.of("llama-3.1-8b", "qwen3-32b");

  private static final Map<String, String> QUANTIZATIONS =
      Map.of(
          "",
          "null",
          "-fp8",
          """
          {"quant_method": "fp8", "activation_scheme": "dynamic", "ignored_layers": ["lm_head"]}\
          """,
          "-awq",
          """
          {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"}\
          """);

  private ModelShape() {}

  /** Writes a shape's config.json into a folder that goes when the process ends. */
  static Path write(String name) {
    for (String model : NAMES) {
      String quantization =
          name.startsWith(model) ? QUANTIZATIONS.get(name.substring(model.length())) : null;
      if (quantization != null) {
        return write(name, model, quantization);
      }
    }
    throw new TypeConversionException(
        "'shape://%s': there are %s, each also with -fp8 or -awq at its end"
            .formatted(name, String.join(", ", NAMES)));
  }

  private static Path write(String name, String model, String quantization) {
    ObjectMapper json = new ObjectMapper();
    try (InputStream in = ModelShape.class.getResourceAsStream("shapes/" + model + ".json")) {
      ObjectNode config = (ObjectNode) json.readTree(in);
      JsonNode quantized = json.readTree(quantization);
      if (!quantized.isNull()) {
        config.set("quantization_config", quantized);
      }
      Path folder = Files.createTempDirectory("kvasir-" + name + "-");
      Path file = folder.resolve("config.json");
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      json.writeValue(file.toFile(), config);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("writing the configuration of shape://" + name, e);
    }
  }
}
