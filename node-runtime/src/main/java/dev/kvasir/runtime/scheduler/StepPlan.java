package dev.kvasir.runtime.scheduler;

import java.util.List;

/**
 * One step's batch as plain arrays: what a device needs and nothing else. Prompt and output tokens
 * share it. Who needs a plan beyond its step copies it: a later one may be written over it.
 * Sequence {@code s} owns the rows {@code queryStarts[s]} to {@code queryStarts[s + 1]}.
 *
 * @param tokenIds one per row; {@link #LAST_DRAWN} stands for the token that was last drawn for the
 *     sequence's slot, which the host doesn't know yet
 * @param positions of each row in its sequence
 * @param ropeLengths of each row: the sequence length that a rotary embedding which depends on it
 *     is to assume, see {@link RotationRule}
 * @param queryStarts one more than there are sequences
 * @param sequenceLengths tokens whose keys and values exist once this step's are written
 * @param sequenceSlots persistent place of each sequence while it runs, so that a device can mirror
 *     its block table and needs only what is new
 * @param groups where keys and values go, one per KV group
 */
public record StepPlan(
    int[] tokenIds,
    int[] positions,
    int[] ropeLengths,
    int[] queryStarts,
    int[] sequenceLengths,
    int[] sequenceSlots,
    List<KvGroup> groups,
    SampledRows sampled) {
  /**
   * A token that the device has drawn in the step before. Where it drew none (its logits were no
   * numbers, nothing was allowed) any id in the vocabulary does: the host throws the row's result
   * away.
   */
  public static final int LAST_DRAWN = -1;

  /**
   * The places of a group of layers that share an attention window.
   *
   * @param slotMapping pool-wide place of each row's key and value
   * @param blockTables per sequence; entries past its length, or before all that the window of its
   *     first row sees, mean nothing
   * @param newBlocksFrom per sequence: entries from here on, up to its length, are new since its
   *     slot's last step
   */
  public record KvGroup(int[] slotMapping, int[][] blockTables, int[] newBlocksFrom) {}

  public int rows() {
    return tokenIds.length;
  }

  public int sequences() {
    return sequenceLengths.length;
  }
}
