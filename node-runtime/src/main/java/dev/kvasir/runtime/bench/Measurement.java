package dev.kvasir.runtime.bench;

import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * What waves of one concurrency gave.
 *
 * @param promptTokensPerSecond prompt tokens over the time from submission to the last first token
 * @param decodeTokensPerSecond output tokens after all first ones over their time; NaN where
 *     requests have one output token
 * @param outputTokensPerSecond all output tokens over the whole time
 * @param decodeStepMillis the mean time of a step that gives each request a token; NaN likewise
 */
public record Measurement(
    int concurrency,
    int requests,
    double promptTokensPerSecond,
    double decodeTokensPerSecond,
    double outputTokensPerSecond,
    double decodeStepMillis,
    Percentiles timeToFirstToken,
    Percentiles interToken) {

  static Measurement of(int concurrency, int inputTokens, List<Wave> waves) {
    int requests = waves.stream().mapToInt(wave -> wave.arrivals().length).sum();
    double outputs = waves.stream().mapToLong(Measurement::outputs).sum();
    double promptNanos = waves.stream().mapToLong(Wave::promptNanos).sum();
    double wallNanos = waves.stream().mapToLong(Wave::wallNanos).sum();
    double decodeNanos = waves.stream().mapToLong(Wave::decodeNanos).sum();
    double decodeTokens = waves.stream().mapToLong(Wave::decodeTokens).sum();
    return new Measurement(
        concurrency,
        requests,
        1e9 * requests * inputTokens / promptNanos,
        decodeTokens == 0 ? Double.NaN : 1e9 * decodeTokens / decodeNanos,
        1e9 * outputs / wallNanos,
        decodeTokens == 0 ? Double.NaN : decodeNanos / (decodeTokens / concurrency) / 1e6,
        Percentiles.ofNanos(all(waves, Wave::firstTokenNanos)),
        Percentiles.ofNanos(all(waves, Wave::gaps)));
  }

  private static long outputs(Wave wave) {
    long tokens = 0;
    for (long[] arrivals : wave.arrivals()) {
      tokens += arrivals.length;
    }
    return tokens;
  }

  private static long[] all(List<Wave> waves, Function<Wave, long[]> values) {
    return waves.stream().map(values).flatMapToLong(LongStream::of).toArray();
  }
}
