package dev.kvasir.e2e.simulation;

/**
 * A request of a trace.
 *
 * @param at seconds since the trace's start
 */
public record Arrival(double at, int promptTokens, int outputTokens) {
  public Arrival {
    if (!(at >= 0) || promptTokens < 1 || outputTokens < 1) {
      throw new IllegalArgumentException(
          "an arrival needs a time of at least 0 and at least one prompt and one output token, got"
              + " %s, %d and %d".formatted(at, promptTokens, outputTokens));
    }
  }
}
