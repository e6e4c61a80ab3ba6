package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The rows to sample as the kernel reads them, in one region of memory with the same places on host
 * and GPU: what is wanted of each row, then the ids that rows list, their biases, and the masks.
 * And the scores as the kernel writes them.
 */
final class SampleRows {
  static final int ROW_BYTES = 80;
  static final int SCORE_BYTES = 8 + 8 * SamplingParameters.MAX_TOP_LOGPROBS;

  /** What requests may list, in all: 1,024 biases, 128 bad words, end ids. */
  private static final int IDS_PER_ROW = 2048;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private final int mostRows;
  private final int vocabulary;

  SampleRows(int mostRows, int vocabulary) {
    this.mostRows = mostRows;
    this.vocabulary = vocabulary;
  }

  /** A piece of the region. */
  record Piece(long offset, long bytes) {}

  /**
   * What a step's rows take of the region.
   *
   * @param pieces to be copied to the GPU
   * @param keepsLogits whether a row is drawn at random or from changed logits
   */
  record Packed(List<Piece> pieces, boolean keepsLogits) {}

  int maskWords() {
    return 2 * Math.ceilDiv(vocabulary, Long.SIZE);
  }

  long idsAt() {
    return (long) ROW_BYTES * mostRows;
  }

  long biasesAt() {
    return idsAt() + 4L * IDS_PER_ROW * mostRows;
  }

  long masksAt() {
    return biasesAt() + 4L * IDS_PER_ROW * mostRows;
  }

  long bytes() {
    return masksAt() + 4L * maskWords() * mostRows;
  }

  Packed pack(SampledRows rows, MemorySegment region) {
    if (rows.count() > mostRows) {
      throw new IllegalArgumentException(
          "%d rows to sample, room for %d".formatted(rows.count(), mostRows));
    }
    Writer writer = new Writer(rows, region);
    for (int row = 0; row < rows.count(); row++) {
      writer.row(row);
    }
    return writer.packed();
  }

  /** Describes rows that nobody asked for: they draw the likeliest token, and nobody counts it. */
  static void pad(MemorySegment rows, int from, int to) {
    for (int row = from; row < to; row++) {
      MemorySegment padding = rows.asSlice((long) row * ROW_BYTES, ROW_BYTES).fill((byte) 0);
      padding.set(ValueLayout.JAVA_DOUBLE, 0, 1);
      padding.set(INT, 28, SampledRows.DRAW);
      padding.set(INT, 36, SamplingParameters.NO_LOGPROBS);
      padding.set(FLOAT, 44, 1);
      padding.set(INT, 56, -1);
      padding.set(INT, 60, -1);
    }
  }

  /** Fills in the pieces, row after row. */
  private final class Writer {
    private final SampledRows rows;
    private final MemorySegment region;
    private int ids;
    private int masks;
    private boolean keepsLogits;

    Writer(SampledRows rows, MemorySegment region) {
      this.rows = rows;
      this.region = region;
    }

    /** As struct SampleRow has it. */
    void row(int row) {
      MemorySegment to = region.asSlice((long) row * ROW_BYTES, ROW_BYTES);
      to.set(ValueLayout.JAVA_DOUBLE, 0, rows.topP()[row]);
      to.set(ValueLayout.JAVA_DOUBLE, 8, rows.minP()[row]);
      to.set(ValueLayout.JAVA_LONG, 16, rows.seeds()[row]);
      to.set(INT, 24, rows.outputPositions()[row]);
      to.set(INT, 28, rows.targets()[row]);
      to.set(INT, 32, rows.topK()[row]);
      to.set(INT, 36, rows.topLogprobs()[row]);
      to.set(FLOAT, 40, rows.temperatures()[row]);
      to.set(FLOAT, 44, rows.repetitionPenalties()[row]);
      to.set(FLOAT, 48, rows.presencePenalties()[row]);
      to.set(FLOAT, 52, rows.frequencyPenalties()[row]);
      to.set(INT, 56, rows.slots()[row]);
      to.set(INT, 60, mask(rows.masks()[row]));
      int[] barred = barred(row);
      to.set(INT, 64, ids);
      to.set(INT, 68, barred.length);
      list(barred, null);
      int[] biased = rows.biasedIds()[row];
      to.set(INT, 72, ids);
      to.set(INT, 76, biased == null ? 0 : biased.length);
      if (biased != null) {
        list(biased, rows.biases()[row]);
      }
      keepsLogits |= rows.draws(row) && (rows.temperatures()[row] > 0 || rows.adjusts(row));
    }

    /** The mask's place, or -1. */
    private int mask(long[] mask) {
      if (mask == null) {
        return -1;
      }
      int words = maskWords() / 2;
      long at = masksAt() + 8L * words * masks;
      MemorySegment to = region.asSlice(at, 8L * words);
      int given = Math.min(words, mask.length);
      MemorySegment.copy(mask, 0, to, ValueLayout.JAVA_LONG, 0, given);
      to.asSlice(8L * given).fill((byte) 0);
      return masks++;
    }

    /**
     * The mask wins where it allows barred ids only: a grammar that is complete ends the output.
     */
    private int[] barred(int row) {
      int[] barred = rows.barred()[row];
      if (barred == null) {
        return new int[0];
      }
      if (rows.masks()[row] == null) {
        return barred;
      }
      BitSet left = BitSet.valueOf(rows.masks()[row]);
      for (int id : barred) {
        left.clear(id);
      }
      return left.isEmpty() ? new int[0] : barred;
    }

    private void list(int[] values, float[] biases) {
      if (ids + values.length > IDS_PER_ROW * mostRows) {
        throw new IllegalArgumentException(
            "biases, bad words and stop ids list %d tokens or more, room for %d"
                .formatted(ids + values.length, IDS_PER_ROW * mostRows));
      }
      MemorySegment.copy(values, 0, region, INT, idsAt() + 4L * ids, values.length);
      if (biases != null) {
        MemorySegment.copy(biases, 0, region, FLOAT, biasesAt() + 4L * ids, values.length);
      }
      ids += values.length;
    }

    Packed packed() {
      List<Piece> pieces = new ArrayList<>();
      pieces.add(new Piece(0, (long) ROW_BYTES * rows.count()));
      if (ids > 0) {
        pieces.add(new Piece(idsAt(), 4L * ids));
        pieces.add(new Piece(biasesAt(), 4L * ids));
      }
      if (masks > 0) {
        pieces.add(new Piece(masksAt(), 4L * maskWords() * masks));
      }
      return new Packed(List.copyOf(pieces), keepsLogits);
    }
  }

  /** Takes over what the kernel wrote of a row that asked for log-probabilities. */
  static void readScore(
      MemorySegment scores, SampledRows rows, int row, int vocabulary, StepResult result) {
    MemorySegment score = scores.asSlice((long) SCORE_BYTES * row, SCORE_BYTES);
    int top = Math.min(rows.topLogprobs()[row], vocabulary);
    result.logprobs()[row] = score.get(FLOAT, 0);
    result.ranks()[row] = score.get(INT, 4);
    result.topIds()[row] = score.asSlice(8, 4L * top).toArray(INT);
    long logprobsAt = 8 + 4L * SamplingParameters.MAX_TOP_LOGPROBS;
    result.topLogprobs()[row] = score.asSlice(logprobsAt, 4L * top).toArray(FLOAT);
  }
}
