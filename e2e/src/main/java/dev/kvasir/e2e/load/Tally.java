package dev.kvasir.e2e.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counts what happens to the requests of a run. */
final class Tally {
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(2);
  private static final int DIGITS = 3;

  private final Histogram firstToken = histogram();
  private final Histogram firstTokenFromSending = histogram();
  private final Histogram betweenTokens = histogram();
  private final Histogram whole = histogram();
  private final Histogram sendingDelay = histogram();
  private final Map<String, LoadReport.Failure> failures = new TreeMap<>();
  private long sent;
  private long notSent;
  private long completed;
  private long held;
  private long promptTokens;
  private long outputTokens;
  private int inFlight;
  private int mostInFlight;

  private static Histogram histogram() {
    return new Histogram(LONGEST_MICROS, DIGITS);
  }

  synchronized void sent(long delayNanos) {
    sent++;
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    record(sendingDelay, delayNanos, 1);
  }

  synchronized void notSent() {
    notSent++;
  }

  synchronized void firstToken(long fromArrivalNanos, long fromSendingNanos) {
    record(firstToken, fromArrivalNanos, 1);
    record(firstTokenFromSending, fromSendingNanos, 1);
  }

  /** Tokens that came together share the time since those before. */
  synchronized void tokens(long sinceLastNanos, int count) {
    record(betweenTokens, sinceLastNanos / count, count);
  }

  synchronized void completed(long fromArrivalNanos) {
    completed++;
    record(whole, fromArrivalNanos, 1);
  }

  synchronized void failed(Flaw flaw) {
    failures.merge(
        flaw.kind(),
        new LoadReport.Failure(1, flaw.getMessage()),
        (before, now) -> new LoadReport.Failure(before.count() + 1, before.example()));
  }

  synchronized void ended(StreamCheck stream) {
    inFlight--;
    promptTokens += stream.promptTokens();
    outputTokens += stream.outputTokens();
    held += stream.comments() > 0 ? 1 : 0;
  }

  private static void record(Histogram histogram, long nanos, int count) {
    long micros = Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST_MICROS);
    histogram.recordValueWithCount(micros, count);
  }

  synchronized LoadReport report(Target target, double seconds) {
    return new LoadReport(
        target.endpoint().toString(),
        target.model(),
        seconds,
        sent + notSent,
        sent,
        notSent,
        completed,
        held,
        mostInFlight,
        promptTokens,
        outputTokens,
        Map.copyOf(failures),
        Percentiles.of(firstToken),
        Percentiles.of(firstTokenFromSending),
        Percentiles.of(betweenTokens),
        Percentiles.of(whole),
        Percentiles.of(sendingDelay));
  }
}
