package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.tokenizer.StopStrings;
import dev.kvasir.runtime.tokenizer.StreamingDetokenizer;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** One sequence of a request on its way from tokens to text. */
final class Choice {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final int index;
  private final GenerationRequest request;
  private final GenerationStream stream;
  private final StreamingDetokenizer detokenizer;
  private final Ask.Stops stopRule;
  private final StopStrings stops;
  private final Set<Integer> eosTokenIds;
  private final Generation.Observer observer;
  private int outputTokens;
  private long lastToken;
  private Integer stopToken;

  /** Null where nobody asked for them, and once they are out. */
  private PromptScores promptScores;

  Choice(
      int index,
      GenerationRequest request,
      GenerationStream stream,
      StreamingDetokenizer detokenizer,
      Ask.Stops stops,
      Set<Integer> eosTokenIds,
      Generation.Observer observer) {
    this.index = index;
    this.request = request;
    this.stream = stream;
    this.detokenizer = detokenizer;
    this.stopRule = stops;
    this.stops = new StopStrings(stops.texts(), stops.included());
    this.eosTokenIds = eosTokenIds;
    this.observer = observer;
    if (request.sampling().promptLogprobs() != SamplingParameters.NO_LOGPROBS) {
      promptScores = new PromptScores(request.promptTokenIds());
    }
  }

  /** Waits for the next token, the prompt's log-probabilities or the end. */
  Delta next() throws InterruptedException {
    if (promptScores != null) {
      PromptScores scores = promptScores;
      Delta failed = read(scores);
      promptScores = null;
      return failed == null ? Delta.ofPrompt(index, scores) : failed;
    }
    GenerationEvent event = nextEvent();
    return switch (event) {
      case GenerationEvent.Token token -> token(token);
      case GenerationEvent.Finished finished -> finished(finished);
      case GenerationEvent.Prompt scored -> throw unexpected(scored);
      case GenerationEvent.HiddenState state -> throw unexpected(state);
    };
  }

  /** Reads until all of the prompt is scored; the end where that comes before. */
  private Delta read(PromptScores scores) throws InterruptedException {
    while (!scores.isComplete()) {
      switch (nextEvent()) {
        case GenerationEvent.Prompt part -> scores.add(part);
        case GenerationEvent.Finished finished -> {
          return finished(finished);
        }
        case GenerationEvent.Token token -> throw unexpected(token);
        case GenerationEvent.HiddenState state -> throw unexpected(state);
      }
    }
    return null;
  }

  private GenerationEvent nextEvent() throws InterruptedException {
    GenerationEvent event = null;
    while (event == null) {
      event = stream.next(PATIENCE);
    }
    return event;
  }

  private static IllegalStateException unexpected(GenerationEvent event) {
    return new IllegalStateException("not to be expected here: " + event);
  }

  private Delta token(GenerationEvent.Token token) {
    outputTokens++;
    observeTime();
    boolean ends = request.stopTokenIds().contains(token.id());
    if (ends) {
      stopToken = token.id();
    }
    String text = ends && !stopRule.included() ? "" : watched(detokenizer.append(token.id()));
    return Delta.ofTokens(index, text, List.of(token), ends ? null : stopped());
  }

  private String watched(String text) {
    return outputTokens > stopRule.minTokens() ? stops.append(text) : stops.appendUnwatched(text);
  }

  private void observeTime() {
    long now = System.nanoTime();
    if (outputTokens > 1) {
      observer.betweenTokens(now - lastToken);
    }
    lastToken = now;
  }

  private Delta.End stopped() {
    if (stops.matched() == null) {
      return null;
    }
    observer.stoppedByString(request);
    stream.cancel();
    return new Delta.End("stop", stops.matched(), null);
  }

  private Delta finished(GenerationEvent.Finished finished) {
    String rest = watched(detokenizer.finish()) + stops.finish();
    Delta.End end =
        stops.matched() == null ? end(finished) : new Delta.End("stop", stops.matched(), null);
    return Delta.ofTokens(index, rest, List.of(), end);
  }

  private Delta.End end(GenerationEvent.Finished finished) {
    boolean ownStopToken = stopToken != null && !eosTokenIds.contains(stopToken);
    return switch (finished.reason()) {
      case STOP -> new Delta.End("stop", ownStopToken ? stopToken : null, null);
      case LENGTH -> new Delta.End("length", null, null);
      case ABORT -> new Delta.End("abort", null, "the generation was aborted");
      case ERROR -> new Delta.End("error", null, finished.message());
    };
  }

  void cancel() {
    stream.cancel();
  }

  int outputTokens() {
    return outputTokens;
  }

  int cachedPromptTokens() {
    return stream.cachedPromptTokens();
  }

  GenerationRequest request() {
    return request;
  }
}
