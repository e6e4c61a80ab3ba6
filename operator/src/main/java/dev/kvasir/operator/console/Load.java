package dev.kvasir.operator.console;

import dev.kvasir.api.v1alpha1.TelemetryStatus;
import dev.kvasir.operator.telemetry.DeploymentView;
import dev.kvasir.operator.telemetry.Figures;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.OptionalDouble;

/**
 * What a deployment's pods say of themselves; null is what nobody knows.
 *
 * @param kv part of the KV caches in use, 0 to 1
 * @param waiting in the pods' queues
 * @param held at the gateway
 * @param firstToken seconds, the 95th percentile of the last minute
 * @param interToken likewise
 * @param readAt when the oldest of the readings was taken, in milliseconds
 */
record Load(
    Double output,
    Double prompt,
    Double kv,
    Double running,
    Double waiting,
    Double held,
    Double firstToken,
    Double interToken,
    Long readAt) {
  static final Load UNKNOWN = new Load(null, null, null, null, null, null, null, null, null);

  private static final MathContext DIGITS = new MathContext(4);

  /** As this operator has read it. Where no pod can be read, all zeros would be a lie. */
  static Load of(DeploymentView view) {
    long readAt = view.lastRead().toEpochMilli();
    int unreadable = view.pods().unreadable();
    if (unreadable > 0 && unreadable >= view.pods().serving()) {
      return new Load(null, null, null, null, null, null, null, null, readAt);
    }
    Figures figures = view.figures();
    return new Load(
        rounded(figures.outputTokensPerSecond()),
        rounded(figures.promptTokensPerSecond()),
        rounded(figures.kvUsage()),
        rounded(figures.running()),
        rounded(Math.max(0, figures.waiting() - figures.held())),
        rounded(figures.held()),
        rounded(figures.firstTokenP95()),
        rounded(figures.interTokenP95()),
        readAt);
  }

  /** As another operator has written it down: coarser and later. */
  static Load of(TelemetryStatus status) {
    return new Load(
        number(status.tokensPerSecond()),
        number(status.promptTokensPerSecond()),
        status.kvPercent() == null ? null : status.kvPercent() / 100.0,
        number(status.running()),
        number(status.waiting()),
        null,
        seconds(status.timeToFirstTokenP95()),
        null,
        null);
  }

  private static Double number(Integer value) {
    return value == null ? null : Double.valueOf(value);
  }

  /** As {@link Figures} writes it: 340ms, or 12s. */
  private static Double seconds(String text) {
    if (text == null) {
      return null;
    }
    return text.endsWith("ms")
        ? Double.valueOf(text.substring(0, text.length() - 2)) / 1000
        : Double.valueOf(text.substring(0, text.length() - 1));
  }

  private static Double rounded(OptionalDouble value) {
    return value.isPresent() ? rounded(value.getAsDouble()) : null;
  }

  private static Double rounded(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : null;
  }
}
