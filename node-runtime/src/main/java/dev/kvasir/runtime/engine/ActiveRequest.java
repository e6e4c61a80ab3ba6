package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.grammar.GrammarState;
import dev.kvasir.runtime.scheduler.Sequence;

/** A request inside the engine: its sequence, its stream and its times. */
final class ActiveRequest {
  private final GenerationRequest request;
  private final Sequence sequence;

  /** How far the output has come in its grammar; null where it has none. */
  private final GrammarState grammar;

  private final EngineStream stream = new EngineStream();
  private final long arrived;
  private long scheduled;
  private long firstToken;
  private long lastToken;

  ActiveRequest(GenerationRequest request, int vocabularySize, long arrived) {
    this.request = request;
    this.sequence =
        new Sequence(
            request.promptTokenIds(),
            request.sampling(),
            request.maxTokens(),
            request.wantsHiddenState(),
            request.cacheSalt());
    this.grammar =
        request.grammar() == null
            ? null
            : request.grammar().newState(request.stopTokenIds(), vocabularySize);
    this.arrived = arrived;
  }

  GenerationRequest request() {
    return request;
  }

  Sequence sequence() {
    return sequence;
  }

  GrammarState grammar() {
    return grammar;
  }

  EngineStream stream() {
    return stream;
  }

  /** Notes that a step takes it up; true the first time. */
  boolean touch(long now) {
    boolean first = scheduled == 0;
    if (first) {
      scheduled = now;
      stream.setCachedPromptTokens(sequence.cachedPromptTokens());
    }
    return first;
  }

  void neverScheduled() {
    scheduled = 0;
  }

  void tokenAt(long now) {
    if (firstToken == 0) {
      firstToken = now;
    }
    lastToken = now;
  }

  EngineListener.RequestReport report(FinishReason reason) {
    return new EngineListener.RequestReport(
        request,
        reason,
        sequence.generated(),
        sequence.cachedPromptTokens(),
        sequence.preemptions(),
        arrived,
        scheduled,
        firstToken,
        lastToken);
  }
}
