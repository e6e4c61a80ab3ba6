package dev.kvasir.runtime.bench;

import java.util.Arrays;

/**
 * When the tokens of requests came that were submitted together, in nanoseconds since then.
 *
 * @param arrivals a request's tokens each, in order
 */
record Wave(long[][] arrivals) {

  /** From the submission to the last request's first token. */
  long promptNanos() {
    return Arrays.stream(arrivals).mapToLong(tokens -> tokens[0]).max().orElseThrow();
  }

  long wallNanos() {
    return Arrays.stream(arrivals)
        .mapToLong(tokens -> tokens[tokens.length - 1])
        .max()
        .orElseThrow();
  }

  /** From when all requests have their first token to the end. */
  long decodeNanos() {
    return wallNanos() - promptNanos();
  }

  /** Tokens that came after all requests had their first. */
  long decodeTokens() {
    long start = promptNanos();
    return Arrays.stream(arrivals).flatMapToLong(Arrays::stream).filter(at -> at > start).count();
  }

  long[] firstTokenNanos() {
    return Arrays.stream(arrivals).mapToLong(tokens -> tokens[0]).toArray();
  }

  /** Between neighbouring tokens of each request. */
  long[] gaps() {
    return Arrays.stream(arrivals).flatMapToLong(Wave::gaps).toArray();
  }

  private static java.util.stream.LongStream gaps(long[] tokens) {
    return java.util.stream.IntStream.range(1, tokens.length)
        .mapToLong(i -> tokens[i] - tokens[i - 1]);
  }
}
