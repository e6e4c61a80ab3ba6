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

  LogprobsJson(Tokenizer tokenizer, boolean asIds) {
    this.tokenizer = tokenizer;
    this.asIds = asIds;
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
      values.add(finite(token.logprob()));
      texts.add(text(token.id()));
      ObjectNode top = tops.addObject();
      // vLLM lists the chosen token first, then the most likely ones.
      top.put(text(token.id()), finite(token.logprob()));
      for (TokenLogprob other : token.top()) {
        top.put(text(other.id()), finite(other.logprob()));
      }
    }
    return logprobs;
  }

  int length(Token token) {
    return tokenizer.decode(new int[] {token.id()}, false).length();
  }
}
