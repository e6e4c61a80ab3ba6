package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import dev.kvasir.runtime.engine.GenerationEvent.TokenLogprob;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Log-probabilities in the shapes of the two APIs. */
final class LogprobsJson {
  /** JSON knows no infinity; OpenAI and vLLM write this for a token that can't be. */
  private static final double LEAST = -9999;

  private final Tokenizer tokenizer;
  private final boolean asIds;
  private final boolean skipsSpecialTokens;

  LogprobsJson(Tokenizer tokenizer, Ask.Details details) {
    this.tokenizer = tokenizer;
    this.asIds = details.tokensAsIds();
    this.skipsSpecialTokens = details.skipSpecialTokens();
  }

  private String text(int id) {
    return asIds ? "token_id:" + id : tokenizer.decode(new int[] {id}, false);
  }

  private static double finite(float logprob) {
    return Math.max(logprob, LEAST);
  }

  ObjectNode chat(List<Token> tokens) {
    ObjectNode logprobs = JsonText.newObject();
    ArrayNode content = logprobs.putArray("content");
    for (Token token : tokens) {
      ObjectNode entry = entry(content.addObject(), token.id(), token.logprob());
      ArrayNode top = entry.putArray("top_logprobs");
      token.top().forEach(other -> entry(top.addObject(), other.id(), other.logprob()));
    }
    return logprobs;
  }

  private ObjectNode entry(ObjectNode entry, int id, float logprob) {
    String text = text(id);
    entry.put("token", text).put("logprob", finite(logprob));
    ArrayNode bytes = entry.putArray("bytes");
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      bytes.add(b & 0xff);
    }
    return entry;
  }

  /** {@code offset} is where the first of the tokens begins in the choice's text. */
  ObjectNode completion(List<Token> tokens, int offset) {
    ObjectNode logprobs = JsonText.newObject();
    ArrayNode offsets = logprobs.putArray("text_offset");
    ArrayNode values = logprobs.putArray("token_logprobs");
    ArrayNode texts = logprobs.putArray("tokens");
    ArrayNode tops = logprobs.putArray("top_logprobs");
    int at = offset;
    for (Token token : tokens) {
      offsets.add(at);
      at += length(token);
      texts.add(text(token.id()));
      if (Float.isNaN(token.logprob())) {
        // The first token of a prompt.
        values.addNull();
        tops.addNull();
        continue;
      }
      values.add(finite(token.logprob()));
      ObjectNode top = tops.addObject();
      // vLLM lists the chosen token first, then the most likely ones.
      top.put(text(token.id()), finite(token.logprob()));
      for (TokenLogprob other : token.top()) {
        top.put(text(other.id()), finite(other.logprob()));
      }
    }
    return logprobs;
  }

  /** vLLM's list of a prompt: by token id, the likeliest {@code top} and the prompt's own. */
  ArrayNode prompt(PromptScores scores, int top) {
    ArrayNode list = JsonText.newObject().arrayNode();
    list.addNull();
    for (int i = 1; i < scores.tokens().size(); i++) {
      Token token = scores.tokens().get(i);
      ObjectNode entry = list.addObject();
      ranked(entry, token.id(), token.logprob(), scores.rank(i));
      List<TokenLogprob> others = token.top();
      for (int rank = 1; rank <= Math.min(top, others.size()); rank++) {
        TokenLogprob other = others.get(rank - 1);
        if (other.id() != token.id()) {
          ranked(entry, other.id(), other.logprob(), rank);
        }
      }
    }
    return list;
  }

  private void ranked(ObjectNode entry, int id, float logprob, int rank) {
    entry
        .putObject(String.valueOf(id))
        .put("logprob", finite(logprob))
        .put("rank", rank)
        .put("decoded_token", tokenizer.decode(new int[] {id}, false));
  }

  /** What the token adds to the text; nothing where it is special and left out. */
  int length(Token token) {
    return tokenizer.decode(new int[] {token.id()}, skipsSpecialTokens).length();
  }
}
