package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.nio.file.Path;
import java.util.Map;

/** Reads model.safetensors.index.json: which file holds which tensor. */
final class SafetensorsIndex {
  private SafetensorsIndex() {}

  static Map<String, String> read(Path index) {
    Map<String, String> places = JsonFields.read(index).object("weight_map").texts();
    if (places.isEmpty()) {
      throw new StartupException(index + ": weight_map is empty");
    }
    places.forEach((tensor, file) -> {
      // A name must not lead out of the model's directory.
      if (file.contains("/") || file.contains("\\") || !file.endsWith(".safetensors")) {
        throw new StartupException(
            "%s: weight_map places tensor '%s' in '%s', which is not a plain .safetensors file name"
                .formatted(index, tensor, file));
      }
    });
    return places;
  }
}
