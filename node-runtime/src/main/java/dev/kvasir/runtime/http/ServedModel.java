package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.template.ChatTemplate;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What requests are answered with once the model is loaded.
 *
 * @param names the model's names in the API; the first is the one that answers carry
 * @param createdSeconds Unix time for /v1/models
 */
public record ServedModel(
    List<String> names,
    Engine engine,
    Tokenizer tokenizer,
    Optional<ChatTemplate> chatTemplate,
    ReplyFormats replies,
    GrammarSource grammars,
    Defaults defaults,
    long createdSeconds) {

  /** What a request that doesn't say otherwise gets: from generation_config.json. */
  public record Defaults(
      double temperature,
      double topP,
      int topK,
      double minP,
      double repetitionPenalty,
      Set<Integer> eosTokenIds) {}

  String name() {
    return names.getFirst();
  }
}
