package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a checkpoint that are not weights: copied, config.json with what is new. */
record CheckpointFiles(Path from, Path to) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Weights in this or another format, and the map of their files. */
  private static final Set<String> WEIGHTS =
      Set.of("safetensors", "bin", "pt", "pth", "gguf", "onnx", "h5", "msgpack");

  void write(ObjectNode quantization) throws IOException {
    for (Path file : others()) {
      Files.copy(file, to.resolve(file.getFileName().toString()));
    }
    ObjectNode config = (ObjectNode) JSON.readTree(from.resolve("config.json").toFile());
    config.set("quantization_config", quantization);
    Files.writeString(to.resolve("config.json"), config.toPrettyString() + "\n");
  }

  private List<Path> others() throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      return files.filter(CheckpointFiles::isOther).sorted().toList();
    }
  }

  private static boolean isOther(Path file) {
    String name = file.getFileName().toString();
    String extension = name.substring(name.lastIndexOf('.') + 1);
    return Files.isRegularFile(file)
        && !name.startsWith(".")
        && !name.equals("config.json")
        && !name.endsWith(".index.json")
        && !WEIGHTS.contains(extension);
  }
}
