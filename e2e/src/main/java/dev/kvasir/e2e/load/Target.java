package dev.kvasir.e2e.load;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Whom the load is for, and how it is asked.
 *
 * @param url the base URL, to the {@code /v1}
 * @param apiKey sent as a bearer token
 * @param exactLengths ask for exactly so many tokens as a request wants (ignore_eos, a field of
 *     Kvasir's and vLLM's)
 * @param countTokens ask for the ids of tokens (return_token_ids, Kvasir's and vLLM's) and hold
 *     them against the usage
 * @param limit for one request, from the moment it is sent to its end
 */
public record Target(
    URI url,
    String model,
    Api api,
    Optional<String> apiKey,
    boolean exactLengths,
    boolean countTokens,
    Duration limit) {

  /** Which of OpenAI's two ways to ask. */
  public enum Api {
    CHAT("/chat/completions"),
    COMPLETIONS("/completions");

    private final String path;

    Api(String path) {
      this.path = path;
    }
  }

  /** A Kvasir or vLLM endpoint's chat, with every check there is. */
  public static Target chat(URI url, String model) {
    return new Target(url, model, Api.CHAT, Optional.empty(), true, true, Duration.ofMinutes(5));
  }

  URI endpoint() {
    return URI.create(url.toString().replaceAll("/+$", "") + api.path);
  }
}
