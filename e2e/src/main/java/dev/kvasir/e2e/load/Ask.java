package dev.kvasir.e2e.load;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.simulation.Arrival;
import java.net.http.HttpRequest;
import java.util.SplittableRandom;

/** Writes the request of an arrival. */
final class Ask {
  private static final JsonMapper JSON = new JsonMapper();

  /** Short and common, so that most tokenizers have each of them as one token. */
  private static final String[] WORDS =
      ("the of and to in is was for on that with as by at from it his are this be were which not"
              + " had their one all two time more some new other what first may only over day")
          .split(" ");

  private final Target target;
  private final long seed;

  Ask(Target target, long seed) {
    this.target = target;
    this.seed = seed;
  }

  /**
   * @param number of the arrival: each has a text of its own, so that no prefix is found again
   */
  HttpRequest request(Arrival arrival, int number) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target.endpoint())
            .header("content-type", "application/json")
            .header("accept", "text/event-stream")
            .timeout(target.limit())
            .POST(HttpRequest.BodyPublishers.ofString(body(arrival, number)));
    target.apiKey().ifPresent(key -> request.header("authorization", "Bearer " + key));
    return request.build();
  }

  String body(Arrival arrival, int number) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", target.model()).put("stream", true).put("max_tokens", arrival.outputTokens());
    body.putObject("stream_options").put("include_usage", true);
    if (target.exactLengths()) {
      body.put("ignore_eos", true);
    }
    if (target.countTokens()) {
      body.put("return_token_ids", true);
    }
    String text = text(arrival.promptTokens(), number);
    switch (target.api()) {
      case CHAT -> body.putArray("messages").addObject().put("role", "user").put("content", text);
      case COMPLETIONS -> body.put("prompt", text);
    }
    return body.toString();
  }

  private String text(int words, int number) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
    }
    return text.toString();
  }
}
