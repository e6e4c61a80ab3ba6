package dev.kvasir.e2e.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run saw. Times are in milliseconds and count from the moment that the request was meant to
 * be sent, so that a server (or a generator) that falls behind can't hide it.
 *
 * @param notSent arrivals that found as many requests in flight as are allowed
 * @param held answers that a gateway kept alive with comments while no replica was there
 * @param timeToFirstTokenFromSending counts from when the request was really sent: where this is
 *     much less than timeToFirstToken, the generator was late and the machine too small
 */
public record LoadReport(
    String endpoint,
    String model,
    double seconds,
    long arrivals,
    long sent,
    long notSent,
    long completed,
    long held,
    int mostInFlight,
    long promptTokens,
    long outputTokens,
    Map<String, Failure> failures,
    Percentiles timeToFirstToken,
    Percentiles timeToFirstTokenFromSending,
    Percentiles interToken,
    Percentiles endToEnd,
    Percentiles sendingDelay) {

  private static final String HEADS = "%-26s %8s %8s %8s %8s %8s %8s %8s";

  /** Failures of one kind, with the first one's message. */
  public record Failure(long count, String example) {}

  /** Whether every arrival got a whole and right answer. */
  public boolean isFlawless() {
    return failures.isEmpty() && notSent == 0 && completed == arrivals;
  }

  public String json() {
    try {
      return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  public String table() {
    StringBuilder text = new StringBuilder();
    line(text, "%s, model %s, %.1f s", endpoint, model, seconds);
    line(
        text,
        "requests: %d arrived, %d sent, %d not sent, %d completed, %d failed, %d held; at most %d"
            + " in flight",
        arrivals,
        sent,
        notSent,
        completed,
        failures.values().stream().mapToLong(Failure::count).sum(),
        held,
        mostInFlight);
    line(
        text,
        "tokens: %d prompt, %d output; %.1f output tokens/s, %.2f requests/s",
        promptTokens,
        outputTokens,
        outputTokens / seconds,
        completed / seconds);
    line(text, HEADS, "ms", "mean", "p50", "p90", "p95", "p99", "p99.9", "max");
    row(text, "time to first token", timeToFirstToken);
    row(text, "  from sending", timeToFirstTokenFromSending);
    row(text, "between tokens", interToken);
    row(text, "whole answer", endToEnd);
    row(text, "sent late by", sendingDelay);
    new TreeMap<>(failures)
        .forEach((kind, failure) ->
            line(text, "failed: %d x %s, first: %s", failure.count(), kind, failure.example()));
    return text.toString();
  }

  private static void row(StringBuilder text, String name, Percentiles times) {
    line(
        text,
        "%-26s %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f %8.1f",
        name,
        times.mean(),
        times.p50(),
        times.p90(),
        times.p95(),
        times.p99(),
        times.p999(),
        times.max());
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
