package dev.kvasir.e2e.simulation;

/**
 * What a simulated replica can do.
 *
 * @param promptRate prompt tokens a second while it does nothing else
 * @param outputRate output tokens a second over all requests while it does nothing else
 * @param tokenSeconds the least time between two tokens of one request
 * @param kvTokens that its cache holds
 * @param maxRunning requests in a batch
 * @param startSeconds from being asked for to serving
 */
public record ReplicaModel(
    double promptRate,
    double outputRate,
    double tokenSeconds,
    double kvTokens,
    int maxRunning,
    double startSeconds) {

  /** About an 8B model on one H100. */
  public static ReplicaModel standard() {
    return new ReplicaModel(20_000, 6_000, 0.008, 450_000, 256, 12);
  }
}
