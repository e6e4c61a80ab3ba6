package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.EngineStats;
import java.time.Duration;
import java.util.Optional;

/** Where the process is between its start and its end, for health checks and requests. */
public final class RuntimeState {
  private sealed interface Phase {}

  private record Starting() implements Phase {}

  private record Serving(ServedModel model) implements Phase {}

  private record Failed(String message) implements Phase {}

  private final Duration stepTimeout;
  private volatile Phase phase = new Starting();

  /**
   * @param stepTimeout while work waits, a time without the end of a step that is no progress
   */
  public RuntimeState(Duration stepTimeout) {
    this.stepTimeout = stepTimeout;
  }

  public void serving(ServedModel model) {
    phase = new Serving(model);
  }

  public void failed(String message) {
    phase = new Failed(message);
  }

  /** The model, once it is loaded. */
  Optional<ServedModel> model() {
    return phase instanceof Serving serving ? Optional.of(serving.model()) : Optional.empty();
  }

  ServedModel requireModel() throws ApiException {
    return switch (phase) {
      case Serving serving -> serving.model();
      case Starting starting ->
          throw ApiException.unavailable("starting", "the model is still being loaded");
      case Failed failed ->
          throw ApiException.unavailable(
              "failed", "the model can't be served: " + failed.message());
    };
  }

  /** Why the process makes no progress, or empty while it does. */
  Optional<String> stuck() {
    return switch (phase) {
      case Starting starting -> Optional.empty();
      case Failed failed -> Optional.of(failed.message());
      case Serving serving -> stuck(serving.model().engine().stats());
    };
  }

  private Optional<String> stuck(EngineStats stats) {
    if (stats.failure() != null) {
      return Optional.of(stats.failure());
    }
    return stats.lastStepAgeSeconds() > stepTimeout.toMillis() / 1e3
        ? Optional.of(
            "no step has ended for %d s though work waits; --step-timeout allows %d s"
                .formatted(Math.round(stats.lastStepAgeSeconds()), stepTimeout.toSeconds()))
        : Optional.empty();
  }
}
