package dev.kvasir.runtime.scheduler;

/**
 * The rows of a step whose logits or hidden state are wanted, and for what. Arrays by row; an entry
 * of {@code histories}, {@code biasedIds}, {@code barred} or {@code masks} is null where the row
 * has none, which is the fast path.
 *
 * <p>A token is drawn from: logits, where the mask allows them; barred ids taken out; biases added;
 * penalties; temperature; min-p; top-k; top-p. Log-probabilities are of the logits before all that.
 *
 * @param rows index into the batch
 * @param slots of the rows' sequences
 * @param targets {@link #DRAW}, {@link #HIDDEN_STATE}, or a known token whose log-probability is
 *     wanted
 * @param outputPositions how many tokens the sequence has generated: with the seed, the generator's
 *     key
 * @param topLogprobs as {@link dev.kvasir.runtime.sampling.SamplingParameters} has it
 * @param histories of rows with penalties, where the device's counts for the slot begin anew: all
 *     tokens of the sequence. From then on the device counts what it draws.
 * @param promptLengths how many of the history are prompt
 * @param barred ids that may not be drawn, unless the mask allows no other
 * @param masks bit sets over the vocabulary of what may be drawn
 */
public record SampledRows(
    int[] rows,
    int[] slots,
    int[] targets,
    float[] temperatures,
    double[] topP,
    int[] topK,
    double[] minP,
    long[] seeds,
    int[] outputPositions,
    int[] topLogprobs,
    float[] repetitionPenalties,
    float[] presencePenalties,
    float[] frequencyPenalties,
    int[][] histories,
    int[] promptLengths,
    int[][] biasedIds,
    float[][] biases,
    int[][] barred,
    long[][] masks) {
  /** A target that asks for the next token. */
  public static final int DRAW = -1;

  /** A target that asks for the normed last hidden state. */
  public static final int HIDDEN_STATE = -2;

  /** Rows that draw the likeliest token and nothing else. */
  public static SampledRows greedy(int... rows) {
    int n = rows.length;
    SampledRows sampled =
        new SampledRows(
            rows,
            new int[n],
            new int[n],
            new float[n],
            new double[n],
            new int[n],
            new double[n],
            new long[n],
            new int[n],
            new int[n],
            new float[n],
            new float[n],
            new float[n],
            new int[n][],
            new int[n],
            new int[n][],
            new float[n][],
            new int[n][],
            new long[n][]);
    for (int i = 0; i < n; i++) {
      sampled.makeGreedy(i);
    }
    return sampled;
  }

  /** Lets a row draw the likeliest token and nothing else, whatever it wanted before. */
  void makeGreedy(int row) {
    targets[row] = DRAW;
    temperatures[row] = 0;
    topP[row] = 1;
    topK[row] = 0;
    minP[row] = 0;
    seeds[row] = 0;
    outputPositions[row] = 0;
    topLogprobs[row] = -1;
    repetitionPenalties[row] = 1;
    presencePenalties[row] = 0;
    frequencyPenalties[row] = 0;
    histories[row] = null;
    promptLengths[row] = 0;
    biasedIds[row] = null;
    biases[row] = null;
    barred[row] = null;
    masks[row] = null;
  }

  public int count() {
    return rows.length;
  }

  public boolean draws(int row) {
    return targets[row] == DRAW;
  }

  public boolean wantsHiddenState(int row) {
    return targets[row] == HIDDEN_STATE;
  }

  /** Whether a row needs logits at all. */
  public boolean needsLogits() {
    for (int target : targets) {
      if (target != HIDDEN_STATE) {
        return true;
      }
    }
    return false;
  }

  public boolean hasPenalties(int row) {
    return repetitionPenalties[row] != 1
        || presencePenalties[row] != 0
        || frequencyPenalties[row] != 0;
  }

  /** Whether the row's logits are changed before a token is drawn. */
  public boolean adjusts(int row) {
    return hasPenalties(row) || biasedIds[row] != null || barred[row] != null || masks[row] != null;
  }
}
