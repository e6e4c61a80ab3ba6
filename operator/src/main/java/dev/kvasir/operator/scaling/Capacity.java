package dev.kvasir.operator.scaling;

/**
 * What one replica can do.
 *
 * @param promptTokensPerSecond computed while nothing else runs; 0 where not known
 * @param outputTokensPerSecond over all its requests, while no prompt is computed; 0 where not
 *     known
 * @param kvTokens that its KV cache holds; 0 where not known
 * @param source where the rates come from, for people
 */
public record Capacity(
    double promptTokensPerSecond, double outputTokensPerSecond, double kvTokens, Source source) {

  /** The stronger wins: a person's number over what was seen, that over a benchmark. */
  public enum Source {
    UNKNOWN("not known yet"),
    BENCHMARK("the replica's own benchmark"),
    LEARNED("seen under load"),
    SPEC("the spec");

    private final String words;

    Source(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  public static final Capacity UNKNOWN = measured(0, 0, 0);

  /** What replicas say of themselves; 0 where they don't. */
  public static Capacity measured(double prompt, double output, double kvTokens) {
    boolean known = prompt > 0 && output > 0;
    return new Capacity(prompt, output, kvTokens, known ? Source.BENCHMARK : Source.UNKNOWN);
  }

  boolean knowsRates() {
    return promptTokensPerSecond > 0 && outputTokensPerSecond > 0;
  }

  /** The part of a replica that these rates take up; prompts and output share it. */
  double share(double promptRate, double outputRate) {
    return promptRate / promptTokensPerSecond + outputRate / outputTokensPerSecond;
  }
}
