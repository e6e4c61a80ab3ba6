package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.BlockTable;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.Arrays;

/**
 * One request's tokens and how far their keys and values are computed. Only the scheduler moves it;
 * the engine's thread alone uses it.
 */
public final class Sequence {
  /** Where a sequence is in its life. */
  public enum State {
    WAITING,
    RUNNING,
    FINISHED
  }

  private final SamplingParameters sampling;
  private final int promptLength;
  private final int maxTokens;
  private int[] tokens;
  private int length;
  private int computed;
  private int rotatedLength;
  private int preemptions;
  private State state = State.WAITING;

  private BlockTable table;
  private int slot = -1;
  private int mirroredBlocks;

  /**
   * @param maxTokens most tokens to generate
   */
  public Sequence(int[] prompt, SamplingParameters sampling, int maxTokens) {
    if (prompt.length == 0 || maxTokens < 1) {
      throw new IllegalArgumentException("a sequence needs a prompt and room for one token");
    }
    this.sampling = sampling;
    this.promptLength = prompt.length;
    this.maxTokens = maxTokens;
    this.tokens = Arrays.copyOf(prompt, prompt.length + Math.min(maxTokens, 64));
    this.length = prompt.length;
    this.rotatedLength = prompt.length;
  }

  public SamplingParameters sampling() {
    return sampling;
  }

  public int promptLength() {
    return promptLength;
  }

  /** Tokens that are known: the prompt and what has been generated. */
  public int length() {
    return length;
  }

  public int generated() {
    return length - promptLength;
  }

  /** Tokens whose keys and values are computed, a step in flight included. */
  public int computed() {
    return computed;
  }

  /** The length that positions up to it are turned for; later ones are turned for their own. */
  public int rotatedLength() {
    return rotatedLength;
  }

  int ropeLength(int position) {
    return Math.max(rotatedLength, position + 1);
  }

  public int preemptions() {
    return preemptions;
  }

  public State state() {
    return state;
  }

  /** Most tokens this sequence can come to. */
  public long largestLength() {
    return (long) promptLength + maxTokens;
  }

  public boolean reachedMaxTokens() {
    return generated() >= maxTokens;
  }

  int token(int position) {
    return tokens[position];
  }

  int uncomputed() {
    return length - computed;
  }

  BlockTable table() {
    return table;
  }

  int slot() {
    return slot;
  }

  int mirroredBlocks() {
    return mirroredBlocks;
  }

  void admit(BlockTable table, int slot) {
    this.table = table;
    this.slot = slot;
    this.mirroredBlocks = 0;
    this.state = State.RUNNING;
  }

  /** Goes on running, with nothing computed. */
  void restart(BlockTable empty) {
    table = empty;
    computed = 0;
    mirroredBlocks = 0;
  }

  void planned(int tokensInStep) {
    computed += tokensInStep;
    mirroredBlocks = table.size();
  }

  void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, length * 2);
    }
    tokens[length++] = token;
  }

  /** Its keys and values are given up; what was generated stays and is computed again. */
  void preempted() {
    leave(State.WAITING);
    computed = 0;
    preemptions++;
  }

  /** Everything known is to be turned for the present length. */
  void rotateAnew() {
    rotatedLength = length;
  }

  void finished() {
    leave(State.FINISHED);
  }

  private void leave(State next) {
    table = null;
    slot = -1;
    state = next;
  }
}
