package dev.kvasir.runtime.scheduler;

/**
 * What a step gave for a plan's sampled rows, in their order.
 *
 * @param tokens drawn, or the row's target; {@link #NOT_A_NUMBER} where the logits were not finite
 *     numbers, {@link #NONE_ALLOWED} where the row's rules leave no token
 * @param logprobs of the tokens; NaN where none were asked for
 * @param ranks of targets: 1 is the likeliest token; 0 for drawn tokens
 * @param topIds best first, as many as the row asked for; null where no log-probabilities are
 *     wanted
 * @param hiddenStates of the rows that asked for one
 */
public record StepResult(
    int[] tokens,
    float[] logprobs,
    int[] ranks,
    int[][] topIds,
    float[][] topLogprobs,
    float[][] hiddenStates) {
  public static final int NOT_A_NUMBER = -1;
  public static final int NONE_ALLOWED = -2;

  /** Forgets what a row gave. */
  public void clear(int row) {
    tokens[row] = 0;
    logprobs[row] = Float.NaN;
    ranks[row] = 0;
    topIds[row] = null;
    topLogprobs[row] = null;
    hiddenStates[row] = null;
  }

  /** To be filled in. */
  public static StepResult ofRows(int n) {
    return new StepResult(
        new int[n], new float[n], new int[n], new int[n][], new float[n][], new float[n][]);
  }
}
