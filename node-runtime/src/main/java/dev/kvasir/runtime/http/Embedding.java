package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.RequestRejectedException;
import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Embeds the texts of one request, a few at a time so that it never fills the engine's queue. */
final class Embedding {
  private static final int AT_ONCE = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** Numbers that an answer may hold. */
  private static final int MAX_NUMBERS = 4_000_000;

  private final Engine engine;
  private final String id;
  private final String cacheSalt;
  private final Deque<GenerationStream> underWay = new ArrayDeque<>();
  private float[][] vectors;
  private int done;

  Embedding(Engine engine, String id, String cacheSalt) {
    this.engine = engine;
    this.id = id;
    this.cacheSalt = cacheSalt;
  }

  float[][] of(List<Prompt> texts) throws ApiException, InterruptedException {
    vectors = new float[texts.size()][];
    try {
      for (Prompt text : texts) {
        if (underWay.size() == AT_ONCE) {
          finishFirst();
        }
        submit(GenerationRequest.hiddenState(id, text.ids(), cacheSalt));
      }
      while (!underWay.isEmpty()) {
        finishFirst();
      }
      return vectors;
    } finally {
      underWay.forEach(GenerationStream::cancel);
    }
  }

  /** A full queue is waited for as long as something of our own is ahead in it. */
  private void submit(GenerationRequest request) throws ApiException, InterruptedException {
    while (true) {
      try {
        underWay.addLast(engine.submit(request));
        return;
      } catch (RequestRejectedException e) {
        if (e.reason() != Reason.QUEUE_FULL || underWay.isEmpty()) {
          throw Generation.rejected(e, "input");
        }
        finishFirst();
      }
    }
  }

  private void finishFirst() throws ApiException, InterruptedException {
    GenerationStream stream = underWay.getFirst();
    while (true) {
      switch (stream.next(PATIENCE)) {
        case null -> {}
        case GenerationEvent.HiddenState state -> take(state.values());
        case GenerationEvent.Finished end -> {
          underWay.removeFirst();
          requireVector(end);
          return;
        }
        case GenerationEvent.Token token -> throw new IllegalStateException("got " + token);
        case GenerationEvent.Prompt scored -> throw new IllegalStateException("got " + scored);
      }
    }
  }

  private void take(float[] values) throws ApiException {
    if ((long) values.length * vectors.length > MAX_NUMBERS) {
      throw ApiException.invalid(
          "input",
          "%d embeddings of %d numbers are more than the %d numbers that an answer may hold: send fewer at once"
              .formatted(vectors.length, values.length, MAX_NUMBERS));
    }
    vectors[done] = normalized(values);
  }

  private void requireVector(GenerationEvent.Finished end) throws ApiException {
    if (vectors[done++] == null) {
      throw ApiException.internal(
          end.message() == null ? "the embedding was aborted" : end.message());
    }
  }

  /** Of length 1, unless it is all zeros. */
  private static float[] normalized(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    double factor = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    float[] unit = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      unit[i] = (float) (values[i] * factor);
    }
    return unit;
  }
}
