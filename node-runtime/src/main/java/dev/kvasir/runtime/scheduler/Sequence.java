package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.BlockChain;
import dev.kvasir.runtime.kvcache.CacheSalt;
import dev.kvasir.runtime.kvcache.KvCacheManager;
import dev.kvasir.runtime.kvcache.SequenceBlocks;
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
  private final boolean wantsHiddenState;
  private int[] tokens;
  private int length;

  /** Tokens that steps in flight draw: they follow the known ones. */
  private int drawing;

  private int computed;
  private int rotatedLength;
  private int promptSeen;
  private int cachedPromptTokens;
  private int admissions;
  private int preemptions;
  private State state = State.WAITING;

  private final String cacheSalt;
  private BlockChain chain;
  private SequenceBlocks blocks;
  private int slot = -1;
  private int[] mirroredBlocks;

  /** Prompt positions whose next token has got its log-probability. */
  private int scored;

  /** Whether the device's counts for the slot are those of this sequence. */
  private boolean counted;

  /**
   * @param maxTokens most tokens to generate; 0 only computes the prompt
   */
  public Sequence(int[] prompt, SamplingParameters sampling, int maxTokens) {
    this(prompt, sampling, maxTokens, false, "");
  }

  /**
   * @param wantsHiddenState of its last token, instead of one to follow
   * @param cacheSalt only sequences with the same one share keys and values
   */
  public Sequence(
      int[] prompt,
      SamplingParameters sampling,
      int maxTokens,
      boolean wantsHiddenState,
      String cacheSalt) {
    if (prompt.length == 0 || maxTokens < 0) {
      throw new IllegalArgumentException("a sequence needs a prompt");
    }
    this.sampling = sampling;
    this.wantsHiddenState = wantsHiddenState;
    this.cacheSalt = cacheSalt;
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

  /** Tokens that were generated or are being drawn by steps in flight. */
  int drawn() {
    return generated() + drawing;
  }

  /** Whether a step in flight draws a token for it. */
  boolean isDrawing() {
    return drawing > 0;
  }

  /** Its length when the steps in flight have ended. */
  int expectedLength() {
    return length + drawing;
  }

  /** Tokens whose keys and values are computed, a step in flight included. */
  public int computed() {
    return computed;
  }

  /** Tokens of the prompt that were cached when it was first admitted. */
  public int cachedPromptTokens() {
    return cachedPromptTokens;
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

  /** Tokens that it may still generate. */
  public int remaining() {
    return maxTokens - generated();
  }

  public boolean reachedMaxTokens() {
    return generated() >= maxTokens;
  }

  /** Whether all it wanted was its prompt, and so many tokens are that. */
  public boolean isWholeAt(int tokens) {
    return maxTokens == 0 && tokens == promptLength;
  }

  /** What the row of its last known token is for. */
  int lastTarget() {
    return wantsHiddenState ? SampledRows.HIDDEN_STATE : SampledRows.DRAW;
  }

  boolean wantsLastRow() {
    return wantsHiddenState || maxTokens > 0;
  }

  /** Whether prompt positions from here on are to be scored. */
  boolean scoresPrompt() {
    return sampling.promptLogprobs() != SamplingParameters.NO_LOGPROBS && scored < promptLength - 1;
  }

  int scored() {
    return scored;
  }

  /**
   * How many of its next tokens a step may take that has room for {@code sampledRows} more rows of
   * logits.
   */
  int fitting(int tokens, int sampledRows) {
    return scoresPrompt()
        ? Math.min(tokens, scored - Math.min(scored, computed) + sampledRows)
        : tokens;
  }

  /** All tokens, where the device doesn't count them yet; null where it does. */
  int[] uncounted() {
    if (counted) {
      return null;
    }
    counted = true;
    return Arrays.copyOf(tokens, length);
  }

  /**
   * Ids that may not come next; null for none. All tokens before are known, or the rules don't look
   * at them.
   *
   * @param outputPosition of the next token
   */
  public int[] barred(int outputPosition) {
    return sampling.rules().barredAfter(tokens, promptLength, length, outputPosition);
  }

  int token(int position) {
    return position < length ? tokens[position] : StepPlan.LAST_DRAWN;
  }

  /** Tokens that a step may compute, the one included that the step in flight draws. */
  int uncomputed() {
    boolean nothingFollows = maxTokens > 0 && drawn() >= maxTokens;
    return nothingFollows ? 0 : expectedLength() - computed;
  }

  SequenceBlocks blocks() {
    return blocks;
  }

  /** The hashes of its blocks, as far as its tokens are known. */
  BlockChain chain(KvCacheManager cache, RotationRule rotation) {
    if (chain == null) {
      chain = cache.chain(new CacheSalt(rotation.classOf(rotatedLength), cacheSalt));
    }
    chain.extend(tokens, length);
    return chain;
  }

  /** Known tokens whose keys and values may come from the cache: the others' rows are wanted. */
  int reusable() {
    return scoresPrompt() ? scored : length - 1;
  }

  int slot() {
    return slot;
  }

  /** Blocks of a group that the device has heard of. */
  int mirroredBlocks(int group) {
    return mirroredBlocks[group];
  }

  void admit(SequenceBlocks admitted, int groups, int freeSlot) {
    blocks = admitted;
    slot = freeSlot;
    mirroredBlocks = new int[groups];
    counted = false;
    state = State.RUNNING;
    computed = admitted.cachedTokens();
    if (admissions++ == 0) {
      cachedPromptTokens = Math.min(computed, promptLength);
      promptSeen = cachedPromptTokens;
    }
  }

  boolean isAdmittedForTheFirstTime() {
    return admissions == 1;
  }

  /** Goes on running, with nothing computed. */
  void restart(SequenceBlocks empty) {
    blocks = empty;
    computed = 0;
    Arrays.fill(mirroredBlocks, 0);
  }

  /** Notes what a step will compute; returns how much of the prompt it is that never was before. */
  int planned(int end, int blockSize) {
    computed = end;
    scored = Math.max(scored, Math.min(computed, promptLength - 1));
    for (int group = 0; group < mirroredBlocks.length; group++) {
      mirroredBlocks[group] = Math.ceilDiv(end, blockSize);
    }
    if (end == expectedLength() && lastTarget() == SampledRows.DRAW && wantsLastRow()) {
      drawing++;
    }
    int fresh = Math.max(0, Math.min(end, promptLength) - promptSeen);
    promptSeen += fresh;
    return fresh;
  }

  /** Takes the token that the earliest step in flight drew. */
  void append(int token) {
    if (drawing == 0) {
      throw new IllegalStateException("token " + token + " came, but no step was to draw one");
    }
    drawing--;
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
    chain = null;
  }

  void finished() {
    leave(State.FINISHED);
  }

  private void leave(State next) {
    blocks = null;
    slot = -1;
    state = next;
  }
}
