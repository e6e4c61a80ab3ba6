package dev.kvasir.e2e.node;

import java.time.Instant;

/** What a container is doing; the three states that Kubernetes knows. */
sealed interface RunState {
  record Waiting(String reason, String message) implements RunState {}

  record Running(Instant startedAt) implements RunState {}

  /** An exit status above 128 is 128 and the number of the signal that ended the process. */
  record Terminated(
      int exitCode, String reason, String message, Instant startedAt, Instant finishedAt)
      implements RunState {}
}
