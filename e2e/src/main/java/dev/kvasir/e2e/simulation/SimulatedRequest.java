package dev.kvasir.e2e.simulation;

/** A request on its way through the fleet. */
final class SimulatedRequest {
  final Arrival arrival;
  private double promptLeft;
  private double outputLeft;
  private double firstTokenAt = Double.NaN;

  SimulatedRequest(Arrival arrival) {
    this.arrival = arrival;
    this.promptLeft = arrival.promptTokens();
    this.outputLeft = arrival.outputTokens();
  }

  double promptLeft() {
    return promptLeft;
  }

  boolean isDecoding() {
    return promptLeft <= 0;
  }

  boolean isDone() {
    return outputLeft <= 0;
  }

  /** Tokens that it holds in the cache by now. */
  double kvTokens() {
    return arrival.promptTokens() - promptLeft + arrival.outputTokens() - outputLeft;
  }

  /** Tokens that it will hold at the end. */
  double largestKv() {
    return (double) arrival.promptTokens() + arrival.outputTokens();
  }

  void computePrompt(double tokens, double now) {
    promptLeft -= tokens;
    if (promptLeft <= 1e-9) {
      promptLeft = 0;
      firstTokenAt = now;
    }
  }

  void decode(double tokens) {
    outputLeft -= Math.min(tokens, outputLeft);
  }

  /** Seconds from its arrival to its first token; NaN while there is none. */
  double timeToFirstToken() {
    return firstTokenAt - arrival.at();
  }
}
