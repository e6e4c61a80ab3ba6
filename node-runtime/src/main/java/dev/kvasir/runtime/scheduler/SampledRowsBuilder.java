package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects the rows of a step whose logits or hidden state are wanted. */
final class SampledRowsBuilder {
  /** One for each row. */
  private final List<Sequence> sequences = new ArrayList<>();

  private int[] rows = new int[8];
  private int[] targets = new int[8];

  void clear() {
    sequences.clear();
  }

  int count() {
    return sequences.size();
  }

  /** Adds what a sequence wants of its next tokens, which begin at a row of the batch. */
  void add(Sequence sequence, int firstRow, int tokens) {
    int first = sequence.computed();
    int end = first + tokens;
    if (sequence.scoresPrompt()) {
      int scoredEnd = Math.min(end, sequence.promptLength() - 1);
      for (int at = Math.max(first, sequence.scored()); at < scoredEnd; at++) {
        want(sequence, firstRow + at - first, sequence.token(at + 1));
      }
    }
    if (end == sequence.expectedLength() && sequence.wantsLastRow()) {
      want(sequence, firstRow + tokens - 1, sequence.lastTarget());
    }
  }

  private void want(Sequence sequence, int row, int target) {
    int n = sequences.size();
    if (n == rows.length) {
      rows = Arrays.copyOf(rows, 2 * n);
      targets = Arrays.copyOf(targets, 2 * n);
    }
    rows[n] = row;
    targets[n] = target;
    sequences.add(sequence);
  }

  /** One for each row. */
  List<Sequence> sequences() {
    return sequences;
  }

  /** Writes the rows over what an earlier step wanted of as many. */
  void fill(SampledRows out) {
    for (int i = 0; i < count(); i++) {
      Sequence sequence = sequences.get(i);
      out.makeGreedy(i);
      out.rows()[i] = rows[i];
      out.slots()[i] = sequence.slot();
      out.targets()[i] = targets[i];
      if (out.draws(i)) {
        draw(out, i, sequence);
      } else if (!out.wantsHiddenState(i)) {
        out.topLogprobs()[i] = sequence.sampling().promptLogprobs();
      }
    }
  }

  private static void draw(SampledRows out, int i, Sequence sequence) {
    SamplingParameters sampling = sequence.sampling();
    out.temperatures()[i] = (float) sampling.temperature();
    out.topP()[i] = sampling.topP();
    out.topK()[i] = sampling.topK();
    out.minP()[i] = sampling.minP();
    out.seeds()[i] = sampling.seed();
    out.outputPositions()[i] = sequence.drawn();
    out.topLogprobs()[i] = sampling.topLogprobs();
    out.biasedIds()[i] = sampling.rules().biasedIds();
    out.biases()[i] = sampling.rules().biases();
    out.masks()[i] = sampling.rules().allowed();
    out.barred()[i] = sequence.barred(sequence.drawn());
    if (!sampling.penalties().areNone()) {
      penalize(out, i, sequence);
    }
  }

  private static void penalize(SampledRows out, int i, Sequence sequence) {
    Penalties penalties = sequence.sampling().penalties();
    out.repetitionPenalties()[i] = (float) penalties.repetition();
    out.presencePenalties()[i] = (float) penalties.presence();
    out.frequencyPenalties()[i] = (float) penalties.frequency();
    out.histories()[i] = sequence.uncounted();
    out.promptLengths()[i] = sequence.promptLength();
  }
}
