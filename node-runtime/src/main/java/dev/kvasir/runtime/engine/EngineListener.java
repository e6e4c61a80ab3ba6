package dev.kvasir.runtime.engine;

/** Hears what the engine does, for metrics. */
public interface EngineListener {

  /**
   * A step ended.
   *
   * @param rows tokens it computed
   * @param promptTokens those of them that are of prompts and were computed for the first time
   * @param outputTokens sampled
   */
  void onStep(int rows, int promptTokens, int outputTokens);

  /** A request ended, however it did. */
  void onFinished(RequestReport report);

  /** The engine has stopped for good; all requests end. */
  default void onFailed(String why) {}

  /**
   * One request's life. Times are nanoseconds of {@link System#nanoTime()}; 0 where the point was
   * not reached.
   *
   * @param cachedPromptTokens found in the cache when the request was first scheduled
   * @param scheduled first time in a batch
   * @param firstToken and lastToken: when the first and the last output token were known
   */
  record RequestReport(
      GenerationRequest request,
      FinishReason reason,
      int outputTokens,
      int cachedPromptTokens,
      int preemptions,
      long arrived,
      long scheduled,
      long firstToken,
      long lastToken) {}
}
