package dev.kvasir.runtime.engine;

import java.time.Duration;

/**
 * A running engine and what is known of it.
 *
 * @param deviceName for {@code kvasir_device_info}
 */
public record StartedEngine(
    Engine engine, ModelSummary model, MemoryPlan memory, String deviceName, StartupTimes times)
    implements AutoCloseable {

  /** How long the stages of start-up took. Warming up is none: it runs while nothing waits. */
  public record StartupTimes(Duration weights, Duration kv) {}

  @Override
  public void close() {
    engine.close();
  }
}
