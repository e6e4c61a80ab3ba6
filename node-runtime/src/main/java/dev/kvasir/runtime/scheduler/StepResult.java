package dev.kvasir.runtime.scheduler;

/**
 * What was drawn for a plan's sampled rows, in their order.
 *
 * @param tokens {@link #NOT_A_NUMBER} where the logits were not finite numbers
 * @param logprobs of the drawn tokens; NaN where none were asked for
 * @param topIds best first, as many as the row asked for
 */
public record StepResult(int[] tokens, float[] logprobs, int[][] topIds, float[][] topLogprobs) {
  public static final int NOT_A_NUMBER = -1;
}
