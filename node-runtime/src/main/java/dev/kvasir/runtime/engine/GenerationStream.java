package dev.kvasir.runtime.engine;

import java.time.Duration;

/** The reader's end of one running request. One reader; the engine never waits for it. */
public interface GenerationStream {

  /**
   * The next event; waits for it at most {@code timeout}.
   *
   * @return null where none came in time; after {@link GenerationEvent.Finished} nothing more comes
   */
  GenerationEvent next(Duration timeout) throws InterruptedException;

  /** Gives up: the request's blocks are free within two steps. Does nothing once finished. */
  void cancel();

  /**
   * Prompt tokens that were found in the cache and not computed; meaningful from the first token
   * on.
   */
  int cachedPromptTokens();
}
