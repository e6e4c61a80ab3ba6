package dev.kvasir.runtime.sampling;

/**
 * How the next token is drawn from a row of logits. The draw is a function of (seed, output
 * position) and the sequence's own tokens alone, so that a request gives the same tokens in every
 * batch and after a preemption.
 *
 * @param temperature 0 is greedy; otherwise logits are divided by it
 * @param topP smallest set of tokens whose probabilities sum to at least this, in (0, 1]
 * @param topK most likely tokens that are kept; 0 keeps all
 * @param minP tokens less likely than this share of the likeliest one's probability are left out
 * @param seed of the counter-based generator
 * @param topLogprobs how many of the most likely tokens to report for each output token, 0 to 20;
 *     -1 reports no log-probabilities
 * @param promptLogprobs the same for each prompt token but the first
 */
public record SamplingParameters(
    double temperature,
    double topP,
    int topK,
    double minP,
    long seed,
    int topLogprobs,
    int promptLogprobs,
    Penalties penalties,
    TokenRules rules) {

  public static final int NO_LOGPROBS = -1;
  public static final int MAX_TOP_LOGPROBS = 20;

  public SamplingParameters {
    require(
        temperature >= 0 && temperature <= 2,
        "temperature must be between 0 and 2, got " + temperature);
    require(topP > 0 && topP <= 1, "top_p must be in (0, 1], got " + topP);
    require(topK >= 0, "top_k must be 0 (all tokens) or more, got " + topK);
    require(minP >= 0 && minP <= 1, "min_p must be between 0 and 1, got " + minP);
    requireLogprobs("logprobs", topLogprobs);
    requireLogprobs("prompt_logprobs", promptLogprobs);
  }

  /** Neither min-p nor penalties nor rules. */
  public SamplingParameters(double temperature, double topP, int topK, long seed, int topLogprobs) {
    this(
        temperature,
        topP,
        topK,
        0,
        seed,
        topLogprobs,
        NO_LOGPROBS,
        Penalties.NONE,
        TokenRules.NONE);
  }

  /** Always the most likely token; no log-probabilities. */
  public static SamplingParameters greedy() {
    return new SamplingParameters(0, 1, 0, 0, NO_LOGPROBS);
  }

  public SamplingParameters withMinP(double share) {
    return new SamplingParameters(
        temperature, topP, topK, share, seed, topLogprobs, promptLogprobs, penalties, rules);
  }

  public SamplingParameters withSeed(long other) {
    return new SamplingParameters(
        temperature, topP, topK, minP, other, topLogprobs, promptLogprobs, penalties, rules);
  }

  public SamplingParameters withPromptLogprobs(int top) {
    return new SamplingParameters(
        temperature, topP, topK, minP, seed, topLogprobs, top, penalties, rules);
  }

  public SamplingParameters withPenalties(Penalties others) {
    return new SamplingParameters(
        temperature, topP, topK, minP, seed, topLogprobs, promptLogprobs, others, rules);
  }

  public SamplingParameters withRules(TokenRules others) {
    return new SamplingParameters(
        temperature, topP, topK, minP, seed, topLogprobs, promptLogprobs, penalties, others);
  }

  private static void requireLogprobs(String name, int top) {
    require(
        top >= NO_LOGPROBS && top <= MAX_TOP_LOGPROBS,
        name + " must be between 0 and 20, got " + top);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
