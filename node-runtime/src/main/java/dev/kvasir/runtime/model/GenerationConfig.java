package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.ModelSummary.GenerationDefaults;
import dev.kvasir.runtime.sampling.Penalties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.DoublePredicate;

/** What generation_config.json says; empty where there is no such file. */
record GenerationConfig(Set<Integer> eosTokenIds, GenerationDefaults defaults) {

  static GenerationConfig read(Path directory) {
    Path file = directory.resolve("generation_config.json");
    if (!Files.isRegularFile(file)) {
      return new GenerationConfig(Set.of(), GenerationDefaults.NONE);
    }
    JsonFields config = JsonFields.read(file);
    return new GenerationConfig(
        config.tokenIds("eos_token_id"),
        config.flag("do_sample", true) ? defaults(config) : GenerationDefaults.NONE);
  }

  private static GenerationDefaults defaults(JsonFields config) {
    return new GenerationDefaults(
        number(config, "temperature", t -> t >= 0 && t <= 2, "a number between 0 and 2"),
        number(config, "top_p", p -> p > 0 && p <= 1, "a number above 0 and at most 1"),
        topK(config),
        number(config, "min_p", p -> p >= 0 && p <= 1, "a number between 0 and 1"),
        number(
            config,
            "repetition_penalty",
            r -> r > 0 && r <= Penalties.MOST_REPETITION,
            "a number above 0 and at most 1000"));
  }

  private static OptionalDouble number(
      JsonFields config, String field, DoublePredicate inRange, String wanted) {
    if (!config.has(field)) {
      return OptionalDouble.empty();
    }
    double value = config.number(field);
    if (!inRange.test(value)) {
      throw config.wrong(field, wanted);
    }
    return OptionalDouble.of(value);
  }

  /** 0 and -1 keep all tokens. */
  private static OptionalInt topK(JsonFields config) {
    OptionalDouble value =
        number(
            config,
            "top_k",
            k -> k >= -1 && k <= Integer.MAX_VALUE && k == Math.rint(k),
            "a whole number of at least -1");
    return value.isPresent()
        ? OptionalInt.of(Math.max(0, (int) value.getAsDouble()))
        : OptionalInt.empty();
  }
}
