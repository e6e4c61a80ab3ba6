package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.List;

/** Collects the rows of a step whose logits or hidden state are wanted. */
final class SampledRowsBuilder {
  private final List<Wanted> wanted = new ArrayList<>();

  private record Wanted(Sequence sequence, int row, int target) {}

  int count() {
    return wanted.size();
  }

  /** Adds what a sequence wants of its next tokens, which begin at a row of the batch. */
  void add(Sequence sequence, int firstRow, int tokens) {
    int first = sequence.computed();
    int end = first + tokens;
    if (sequence.scoresPrompt()) {
      int scoredEnd = Math.min(end, sequence.promptLength() - 1);
      for (int at = Math.max(first, sequence.scored()); at < scoredEnd; at++) {
        wanted.add(new Wanted(sequence, firstRow + at - first, sequence.token(at + 1)));
      }
    }
    if (end == sequence.length() && sequence.wantsLastRow()) {
      wanted.add(new Wanted(sequence, firstRow + tokens - 1, sequence.lastTarget()));
    }
  }

  /** One for each row. */
  List<Sequence> sequences() {
    return wanted.stream().map(Wanted::sequence).toList();
  }

  SampledRows build() {
    SampledRows out = SampledRows.greedy(wanted.stream().mapToInt(Wanted::row).toArray());
    for (int i = 0; i < wanted.size(); i++) {
      Sequence sequence = wanted.get(i).sequence();
      out.slots()[i] = sequence.slot();
      out.targets()[i] = wanted.get(i).target();
      if (out.draws(i)) {
        draw(out, i, sequence);
      } else if (!out.wantsHiddenState(i)) {
        out.topLogprobs()[i] = sequence.sampling().promptLogprobs();
      }
    }
    return out;
  }

  private static void draw(SampledRows out, int i, Sequence sequence) {
    SamplingParameters sampling = sequence.sampling();
    out.temperatures()[i] = (float) sampling.temperature();
    out.topP()[i] = sampling.topP();
    out.topK()[i] = sampling.topK();
    out.minP()[i] = sampling.minP();
    out.seeds()[i] = sampling.seed();
    out.outputPositions()[i] = sequence.generated();
    out.topLogprobs()[i] = sampling.topLogprobs();
    out.biasedIds()[i] = sampling.rules().biasedIds();
    out.biases()[i] = sampling.rules().biases();
    out.masks()[i] = sampling.rules().allowed();
    out.barred()[i] = sequence.barred();
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
