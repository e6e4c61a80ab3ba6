package dev.kvasir.runtime.engine;

import java.util.Optional;

/** Generates tokens for many requests at once on one device. Thread-safe. */
public interface Engine extends AutoCloseable {

  /**
   * Queues a request.
   *
   * @throws RequestRejectedException at once, where the request can never be served (too long,
   *     empty, an id outside the vocabulary) or the waiting queue is full
   */
  GenerationStream submit(GenerationRequest request) throws RequestRejectedException;

  /** What does not change while the engine runs. */
  EngineLimits limits();

  /** The state after the last step; cheap. */
  EngineStats stats();

  /**
   * Registers for what happens; called on the engine's thread, so a listener must be quick and must
   * not throw.
   */
  void addListener(EngineListener listener);

  /**
   * Has it found out, in about a second of idle time, what this engine can do; requests come first.
   */
  default void measureCapacity() {}

  /** What {@link #measureCapacity} has found; empty before. */
  default Optional<MeasuredCapacity> capacity() {
    return Optional.empty();
  }

  /** Stops the loop; what still runs ends with {@link FinishReason#ABORT}. */
  @Override
  void close();
}
