package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
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
  private final StopStrings stops;
  private final Set<Integer> eosTokenIds;
  private final Generation.Observer observer;
  private int outputTokens;
  private long lastToken;
  private Integer stopToken;

  Choice(
      int index,
      GenerationRequest request,
      GenerationStream stream,
      StreamingDetokenizer detokenizer,
      StopStrings stops,
      Set<Integer> eosTokenIds,
      Generation.Observer observer) {
    this.index = index;
    this.request = request;
    this.stream = stream;
    this.detokenizer = detokenizer;
    this.stops = stops;
    this.eosTokenIds = eosTokenIds;
    this.observer = observer;
  }

  /** Waits for the next token or the end. */
  Delta next() throws InterruptedException {
    GenerationEvent event = null;
    while (event == null) {
      event = stream.next(PATIENCE);
    }
    return switch (event) {
      case GenerationEvent.Token token -> token(token);
      case GenerationEvent.Prompt scored -> throw unexpected(scored);
      case GenerationEvent.HiddenState state -> throw unexpected(state);
      case GenerationEvent.Finished finished -> finished(finished);
    };
  }

  private static IllegalStateException unexpected(GenerationEvent event) {
    return new IllegalStateException("not asked for: " + event);
  }

  private Delta token(GenerationEvent.Token token) {
    outputTokens++;
    observeTime();
    if (request.stopTokenIds().contains(token.id())) {
      stopToken = token.id();
      return new Delta(index, "", List.of(token), null);
    }
    String text = stops.append(detokenizer.append(token.id()));
    return new Delta(index, text, List.of(token), stopped());
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
    String rest = stops.append(detokenizer.finish()) + stops.finish();
    if (stops.matched() != null) {
      return new Delta(index, rest, List.of(), new Delta.End("stop", stops.matched(), null));
    }
    return new Delta(index, rest, List.of(), end(finished));
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
