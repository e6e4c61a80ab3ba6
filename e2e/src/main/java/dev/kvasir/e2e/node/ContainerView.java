package dev.kvasir.e2e.node;

import java.util.Optional;

/**
 * A container at one moment, as its pod's status reports it.
 *
 * @param restarting it has ended, and is about to be started again
 */
record ContainerView(
    String name,
    String image,
    RunState state,
    Optional<RunState.Terminated> last,
    int restarts,
    boolean started,
    boolean ready,
    boolean restarting) {

  boolean isRunning() {
    return state instanceof RunState.Running;
  }

  boolean succeeded() {
    return state instanceof RunState.Terminated terminated && terminated.exitCode() == 0;
  }

  /** For good. */
  boolean ended() {
    return state instanceof RunState.Terminated && !restarting;
  }
}
