package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.Device;
import java.time.Duration;

/**
 * A running engine and what is known of it.
 *
 * @param deviceName for people
 * @param device its card, for the metrics
 */
public record StartedEngine(
    Engine engine,
    ModelSummary model,
    MemoryPlan memory,
    String deviceName,
    Device.Status device,
    StartupTimes times)
    implements AutoCloseable {

  /** How long the stages of start-up took. Warming up is none: it runs while nothing waits. */
  public record StartupTimes(Duration weights, Duration kv) {}

  @Override
  public void close() {
    engine.close();
  }
}
