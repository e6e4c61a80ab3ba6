package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.scheduler.SampledRows;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Changes a copy of a row's logits before its token is drawn: mask, barred ids, biases, penalties.
 * Keeps the counts that penalties need, by slot.
 */
final class LogitAdjuster {
  /** By slot; filled in by the engine's thread before the rows are shared out. */
  private final List<TokenCounts> counts = new ArrayList<>();

  /** Takes in what is new of the rows' sequences. */
  void begin(SampledRows rows) {
    for (int row = 0; row < rows.count(); row++) {
      if (rows.hasPenalties(row)) {
        int slot = rows.slots()[row];
        while (counts.size() <= slot) {
          counts.add(new TokenCounts());
        }
        if (rows.histories()[row] != null) {
          counts.get(slot).reset(rows.histories()[row], rows.promptLengths()[row]);
        }
      }
    }
  }

  void adjust(SampledRows rows, int row, float[] logits) {
    mask(logits, rows.masks()[row]);
    bar(logits, rows.barred()[row], rows.masks()[row]);
    if (rows.biasedIds()[row] != null) {
      bias(logits, rows.biasedIds()[row], rows.biases()[row]);
    }
    if (rows.hasPenalties(row)) {
      counts
          .get(rows.slots()[row])
          .penalize(
              logits,
              rows.repetitionPenalties()[row],
              rows.presencePenalties()[row],
              rows.frequencyPenalties()[row]);
    }
  }

  /** The mask wins where it allows barred ids only: a grammar that is complete ends the output. */
  private static void bar(float[] logits, int[] barred, long[] mask) {
    if (barred == null || (mask != null && !leavesAny(mask, barred))) {
      return;
    }
    for (int id : barred) {
      logits[id] = Float.NEGATIVE_INFINITY;
    }
  }

  private static boolean leavesAny(long[] mask, int[] barred) {
    BitSet left = BitSet.valueOf(mask);
    for (int id : barred) {
      left.clear(id);
    }
    return !left.isEmpty();
  }

  private static void bias(float[] logits, int[] ids, float[] biases) {
    for (int i = 0; i < ids.length; i++) {
      logits[ids[i]] += biases[i];
    }
  }

  /**
   * Takes out the tokens whose bit is not set; a mask shorter than the vocabulary allows no more.
   */
  private static void mask(float[] logits, long[] mask) {
    if (mask == null) {
      return;
    }
    for (int first = 0; first < logits.length; first += Long.SIZE) {
      int word = first / Long.SIZE;
      long missing = word < mask.length ? ~mask[word] : -1;
      int end = Math.min(logits.length - first, Long.SIZE);
      for (int bit = 0; bit < end && missing != 0; bit++, missing >>>= 1) {
        if ((missing & 1) != 0) {
          logits[first + bit] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /** A row's token was drawn. */
  void drawn(SampledRows rows, int row, int token) {
    if (rows.hasPenalties(row)) {
      counts.get(rows.slots()[row]).addOutput(token);
    }
  }
}
