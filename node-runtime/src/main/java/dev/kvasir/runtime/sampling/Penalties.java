package dev.kvasir.runtime.sampling;

/**
 * What tokens pay for having occurred, as vLLM has it.
 *
 * @param repetition tokens of prompt and output: a logit above 0 is divided by it, one below 0
 *     multiplied; 1 changes nothing
 * @param presence taken off the logit of every token of the output
 * @param frequency taken off for each time the output has the token
 */
public record Penalties(double repetition, double presence, double frequency) {
  public static final Penalties NONE = new Penalties(1, 0, 0);
  public static final double MOST = 2;

  /** As vLLM allows any above 0; beyond this nothing changes any more. */
  public static final double MOST_REPETITION = 1000;

  public Penalties {
    if (!(repetition > 0 && repetition <= MOST_REPETITION)) {
      throw new IllegalArgumentException(
          "repetition_penalty must be above 0 and at most 1000, got " + repetition);
    }
    requireAtMostTwo("presence_penalty", presence);
    requireAtMostTwo("frequency_penalty", frequency);
  }

  private static void requireAtMostTwo(String name, double penalty) {
    if (!(Math.abs(penalty) <= MOST)) {
      throw new IllegalArgumentException(name + " must be between -2 and 2, got " + penalty);
    }
  }

  public boolean areNone() {
    return repetition == 1 && presence == 0 && frequency == 0;
  }
}
