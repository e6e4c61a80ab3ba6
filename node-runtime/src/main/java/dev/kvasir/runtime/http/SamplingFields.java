package dev.kvasir.runtime.http;

import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.concurrent.ThreadLocalRandom;

/** Temperature, truncation, penalties and seed; the model's recommendation where one is absent. */
final class SamplingFields {
  private SamplingFields() {}

  static SamplingParameters read(Fields fields, ServedModel.Defaults defaults, int topLogprobs)
      throws ApiException {
    return new SamplingParameters(
            number(fields, "temperature", 0, 2, defaults.temperature()),
            above(fields, "top_p", 1, defaults.topP()),
            topK(fields, defaults.topK()),
            seed(fields),
            topLogprobs)
        .withMinP(number(fields, "min_p", 0, 1, defaults.minP()))
        .withPenalties(penalties(fields, defaults));
  }

  private static Penalties penalties(Fields fields, ServedModel.Defaults defaults)
      throws ApiException {
    return new Penalties(
        above(
            fields, "repetition_penalty", Penalties.MOST_REPETITION, defaults.repetitionPenalty()),
        number(fields, "presence_penalty", -Penalties.MOST, Penalties.MOST, 0),
        number(fields, "frequency_penalty", -Penalties.MOST, Penalties.MOST, 0));
  }

  /** vLLM's -1 and 0 both keep all tokens. */
  private static int topK(Fields fields, int standard) throws ApiException {
    Long value = fields.integer("top_k", -1, Integer.MAX_VALUE);
    return value == null ? standard : Math.max(0, value.intValue());
  }

  private static long seed(Fields fields) throws ApiException {
    Long seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    return seed == null ? ThreadLocalRandom.current().nextLong() : seed;
  }

  private static double number(
      Fields fields, String field, double least, double most, double standard) throws ApiException {
    Double value = fields.number(field, least, most);
    return value == null ? standard : value;
  }

  private static double above(Fields fields, String field, double most, double standard)
      throws ApiException {
    double value = number(fields, field, 0, most, standard);
    if (value == 0) {
      throw fields.invalid(field, "must be above 0 and at most %.0f, got 0".formatted(most));
    }
    return value;
  }
}
