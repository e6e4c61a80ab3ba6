package dev.kvasir.runtime.tokenizer;

import java.io.IOException;
import java.nio.file.Path;

/** What stands beside a tokenizer's own file: how transformers is to load it, and more tokens. */
record TokenizerSettings(
    JsonFile config, JsonFile specialTokens, JsonFile addedTokens, String declared, String type) {

  static TokenizerSettings read(Path checkpoint) throws IOException {
    JsonFile config = JsonFile.read(checkpoint.resolve("tokenizer_config.json"));
    JsonFile model = JsonFile.read(checkpoint.resolve("config.json"));
    String declared = config.text("tokenizer_class");
    return new TokenizerSettings(
        config,
        JsonFile.read(checkpoint.resolve("special_tokens_map.json")),
        JsonFile.read(checkpoint.resolve("added_tokens.json")),
        declared == null ? model.text("tokenizer_class") : declared,
        model.text("model_type"));
  }

  TokenizerClass tokenizerClass(boolean byteLevel) {
    return TokenizerClass.of(declared, type, byteLevel);
  }
}
