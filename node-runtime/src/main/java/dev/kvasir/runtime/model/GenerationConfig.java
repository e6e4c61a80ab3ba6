package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.ModelSummary.GenerationDefaults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/** What generation_config.json says; empty where there is no such file. */
record GenerationConfig(Set<Integer> eosTokenIds, GenerationDefaults defaults) {

  static GenerationConfig read(Path directory) {
    Path file = directory.resolve("generation_config.json");
    if (!Files.isRegularFile(file)) {
      return new GenerationConfig(Set.of(), nothing());
    }
    JsonFields config = JsonFields.read(file);
    return new GenerationConfig(
        config.tokenIds("eos_token_id"),
        config.flag("do_sample", true) ? defaults(config) : nothing());
  }

  private static GenerationDefaults defaults(JsonFields config) {
    return new GenerationDefaults(
        optional(config, "temperature"),
        optional(config, "top_p"),
        config.has("top_k") ? OptionalInt.of((int) config.number("top_k")) : OptionalInt.empty());
  }

  private static OptionalDouble optional(JsonFields config, String field) {
    return config.has(field) ? OptionalDouble.of(config.number(field)) : OptionalDouble.empty();
  }

  private static GenerationDefaults nothing() {
    return new GenerationDefaults(
        OptionalDouble.empty(), OptionalDouble.empty(), OptionalInt.empty());
  }
}
