package dev.kvasir.operator.telemetry;

import dev.kvasir.api.v1alpha1.CapacityStatus;
import dev.kvasir.api.v1alpha1.TelemetryStatus;
import dev.kvasir.operator.scaling.Capacity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Totals over a deployment's pods, for people.
 *
 * @param kvUsage of all caches together, 0 to 1
 * @param waiting in the pods' queues, and held
 * @param held at the gateway, for a pod
 * @param firstTokenP95 in seconds; empty where there was no request
 * @param interTokenP95 likewise, between two tokens
 */
public record Figures(
    double promptTokensPerSecond,
    double outputTokensPerSecond,
    double kvUsage,
    double running,
    double waiting,
    double held,
    OptionalDouble firstTokenP95,
    OptionalDouble interTokenP95,
    int unreadable) {
  private static final Duration RATE_OVER = Duration.ofSeconds(10);
  private static final MathContext TWO_DIGITS = new MathContext(2);

  static Figures of(Collection<PodReadings> fresh, double held, int unreadable) {
    double prompt = 0;
    double output = 0;
    double running = 0;
    double waiting = held;
    double kvTokens = 0;
    double kvCapacity = 0;
    double kvUsage = 0;
    Histogram firstTokens = Histogram.EMPTY;
    Histogram interTokens = Histogram.EMPTY;
    for (PodReadings pod : fresh) {
      EngineReading reading = pod.last().orElseThrow();
      prompt += pod.promptRate(RATE_OVER);
      output += pod.outputRate(RATE_OVER);
      running += reading.running();
      waiting += reading.waiting();
      kvUsage += reading.kvUsage();
      kvCapacity += reading.kvCapacityTokens().orElse(0);
      kvTokens += reading.kvUsage() * reading.kvCapacityTokens().orElse(0);
      firstTokens = firstTokens.plus(pod.firstTokens());
      interTokens = interTokens.plus(pod.interTokens());
    }
    double usage = kvCapacity > 0 ? kvTokens / kvCapacity : kvUsage / Math.max(1, fresh.size());
    return new Figures(
        prompt,
        output,
        usage,
        running,
        waiting,
        held,
        firstTokens.quantile(0.95),
        interTokens.quantile(0.95),
        unreadable);
  }

  /** Rounded, so that it changes only when it means something new. */
  TelemetryStatus status() {
    return new TelemetryStatus(
        rounded(outputTokensPerSecond),
        rounded(promptTokensPerSecond),
        (int) Math.round(100 * kvUsage),
        rounded(running),
        rounded(waiting),
        firstTokenP95.isPresent() ? duration(firstTokenP95.getAsDouble()) : null,
        unreadable);
  }

  public static CapacityStatus status(Capacity capacity) {
    String source = capacity.source().name();
    return new CapacityStatus(
        rounded(capacity.promptTokensPerSecond()),
        rounded(capacity.outputTokensPerSecond()),
        (int) Math.min(Integer.MAX_VALUE, capacity.kvTokens()),
        source.charAt(0) + source.substring(1).toLowerCase(Locale.ROOT));
  }

  /** Two digits say enough. */
  static int rounded(double value) {
    return new BigDecimal(Math.clamp(value, 0, Integer.MAX_VALUE)).round(TWO_DIGITS).intValue();
  }

  private static String duration(double seconds) {
    int millis = rounded(seconds * 1000);
    return millis < 10_000 ? millis + "ms" : millis / 1000 + "s";
  }
}
