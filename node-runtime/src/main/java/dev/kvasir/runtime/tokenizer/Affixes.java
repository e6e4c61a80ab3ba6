package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The tokens that tokenizer_config.json wants around a text: where it says add_bos_token or
 * add_eos_token, that counts and not what tokenizer.json would add, as in transformers.
 */
record Affixes(String before, String after) {
  private static final long MAX_SIZE = 64 << 20;

  /** Empty where the file says nothing of it. */
  static Optional<Affixes> read(Path checkpoint) throws IOException {
    Path file = checkpoint.resolve("tokenizer_config.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_SIZE) {
      throw new IOException(file + " has more than " + MAX_SIZE + " bytes");
    }
    try {
      JsonNode config = new ObjectMapper().readTree(file.toFile());
      return of(file, config);
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Optional<Affixes> of(Path file, JsonNode config) throws IOException {
    if (!config.hasNonNull("add_bos_token") && !config.hasNonNull("add_eos_token")) {
      return Optional.empty();
    }
    return Optional.of(
        new Affixes(
            token(file, config, "add_bos_token", "bos_token"),
            token(file, config, "add_eos_token", "eos_token")));
  }

  /** The token's text; null where it isn't wanted or there is none. */
  private static String token(Path file, JsonNode config, String wanted, String name)
      throws IOException {
    JsonNode flag = config.path(wanted);
    if (!flag.isMissingNode() && !flag.isNull() && !flag.isBoolean()) {
      throw new IOException(file + ": " + wanted + " must be true or false, got " + flag);
    }
    JsonNode token = config.path(name);
    JsonNode content = token.isObject() ? token.path("content") : token;
    return flag.asBoolean() && content.isTextual() ? content.textValue() : null;
  }
}
