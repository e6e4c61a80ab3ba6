package dev.kvasir.runtime.sampling;

/**
 * How the next token is drawn from a row of logits. The draw is a function of (seed, output
 * position) alone, so that a request gives the same tokens in every batch and after a preemption.
 *
 * @param temperature 0 is greedy; otherwise logits are divided by it
 * @param topP smallest set of tokens whose probabilities sum to at least this, in (0, 1]
 * @param topK most likely tokens that are kept; 0 keeps all
 * @param seed of the counter-based generator
 * @param topLogprobs how many of the most likely tokens to report for each output token, 0 to 20;
 *     -1 reports no log-probabilities
 */
public record SamplingParameters(
    double temperature, double topP, int topK, long seed, int topLogprobs) {

  public static final int NO_LOGPROBS = -1;
  public static final int MAX_TOP_LOGPROBS = 20;

  public SamplingParameters {
    require(
        temperature >= 0 && temperature <= 2,
        "temperature must be between 0 and 2, got " + temperature);
    require(topP > 0 && topP <= 1, "top_p must be in (0, 1], got " + topP);
    require(topK >= 0, "top_k must be 0 (all tokens) or more, got " + topK);
    require(
        topLogprobs >= NO_LOGPROBS && topLogprobs <= MAX_TOP_LOGPROBS,
        "logprobs must be between 0 and 20, got " + topLogprobs);
  }

  /** Always the most likely token; no log-probabilities. */
  public static SamplingParameters greedy() {
    return new SamplingParameters(0, 1, 0, 0, NO_LOGPROBS);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
