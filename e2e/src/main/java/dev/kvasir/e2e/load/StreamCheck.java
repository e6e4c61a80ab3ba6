package dev.kvasir.e2e.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Follows one stream of server-sent events and fails at the first thing that must not be. */
final class StreamCheck {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int SHOWN = 200;

  private final Target target;
  private final int wantedTokens;
  private String id = "";
  private String finish = "";
  private long tokens;
  private long textChunks;
  private long promptTokens = -1;
  private long usedTokens = -1;
  private long comments;
  private boolean done;

  StreamCheck(Target target, int wantedTokens) {
    this.target = target;
    this.wantedTokens = wantedTokens;
  }

  /** Returns how many tokens the line carries; where ids were not asked for, a text is one. */
  int line(String line) throws Flaw {
    if (line.isEmpty()) {
      return 0;
    }
    if (line.startsWith(":")) {
      comments++;
      return 0;
    }
    require(!done, "after_done", "there is more after [DONE]: " + shown(line));
    if (!line.startsWith("data:")) {
      throw new Flaw("malformed", "a line that is no event: " + shown(line));
    }
    String data = line.substring("data:".length()).strip();
    if (data.equals("[DONE]")) {
      done = true;
      return 0;
    }
    return chunk(data);
  }

  private int chunk(String data) throws Flaw {
    JsonNode chunk = parse(data);
    if (chunk.has("error")) {
      JsonNode error = chunk.get("error");
      throw new Flaw(
          "error_event", error.path("code").asText() + ": " + error.path("message").asText());
    }
    requireSameId(chunk.path("id").asText());
    readUsage(chunk.path("usage"));
    JsonNode choices = chunk.path("choices");
    require(choices.isArray(), "malformed", "a chunk without choices: " + shown(data));
    return choices.isEmpty() ? 0 : choice(choices.get(0));
  }

  private int choice(JsonNode choice) throws Flaw {
    int here = carried(choice);
    if (here > 0) {
      require(finish.isEmpty(), "after_finish", "there are tokens after finish_reason " + finish);
    }
    if (choice.path("finish_reason").isTextual()) {
      require(finish.isEmpty(), "after_finish", "there is a second finish_reason");
      finish = choice.get("finish_reason").asText();
    }
    return here;
  }

  private int carried(JsonNode choice) {
    int ids = choice.path("token_ids").size();
    boolean text = !text(choice).isEmpty();
    textChunks += text ? 1 : 0;
    tokens += ids;
    return target.countTokens() ? ids : text ? 1 : 0;
  }

  private static String text(JsonNode choice) {
    JsonNode delta = choice.path("delta");
    return choice.path("text").asText()
        + delta.path("content").asText("")
        + delta.path("reasoning_content").asText("");
  }

  private void readUsage(JsonNode usage) {
    if (usage.isObject()) {
      promptTokens = usage.path("prompt_tokens").asLong(-1);
      usedTokens = usage.path("completion_tokens").asLong(-1);
    }
  }

  private void requireSameId(String now) throws Flaw {
    if (id.isEmpty()) {
      id = now;
    }
    require(id.equals(now), "mixed_streams", "a stream of " + id + " has a chunk of " + now);
  }

  /** To be called where the stream has ended. */
  void end() throws Flaw {
    require(done, "truncated", "the stream ended without [DONE], after " + received());
    require(!finish.isEmpty(), "no_finish_reason", "no chunk had a finish_reason");
    require(usedTokens >= 0, "no_usage", "the usage that was asked for did not come");
    if (target.countTokens()) {
      require(
          tokens == usedTokens,
          "token_count",
          "%d tokens came, and the usage says %d".formatted(tokens, usedTokens));
    }
    if (target.exactLengths()) {
      require(
          usedTokens == wantedTokens,
          "token_count",
          "%d tokens were asked for, and the usage says %d".formatted(wantedTokens, usedTokens));
    }
  }

  String received() {
    return tokens > 0 ? tokens + " tokens" : textChunks + " pieces of text";
  }

  long promptTokens() {
    return Math.max(0, promptTokens);
  }

  long outputTokens() {
    return usedTokens >= 0 ? usedTokens : Math.max(tokens, textChunks);
  }

  long comments() {
    return comments;
  }

  private static JsonNode parse(String data) throws Flaw {
    try {
      return JSON.readTree(data);
    } catch (JsonProcessingException e) {
      throw new Flaw("malformed", "a chunk that is no JSON: " + shown(data));
    }
  }

  private static void require(boolean holds, String kind, String message) throws Flaw {
    if (!holds) {
      throw new Flaw(kind, message);
    }
  }

  static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
