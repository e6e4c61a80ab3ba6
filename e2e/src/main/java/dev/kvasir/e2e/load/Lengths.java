package dev.kvasir.e2e.load;

import java.util.SplittableRandom;

/** A distribution of token counts. */
public sealed interface Lengths {
  int LONGEST = 1_000_000;

  int draw(SplittableRandom random);

  /** Always the same. */
  record Fixed(int tokens) implements Lengths {
    public Fixed {
      requireLength(tokens);
    }

    @Override
    public int draw(SplittableRandom random) {
      return tokens;
    }
  }

  /** Every length from the one to the other, equally often. */
  record Uniform(int from, int to) implements Lengths {
    public Uniform {
      requireLength(from);
      requireLength(to);
      if (from > to) {
        throw new IllegalArgumentException("from " + from + " is more than to " + to);
      }
    }

    @Override
    public int draw(SplittableRandom random) {
      return random.nextInt(from, to + 1);
    }
  }

  /** Many short ones and a few long ones, as people write. */
  record LogNormal(double mean, double sigma) implements Lengths {
    private static final double MOST_SIGMA = 5;

    public LogNormal {
      if (!(mean >= 1 && mean <= LONGEST) || !(sigma >= 0 && sigma <= MOST_SIGMA)) {
        throw new IllegalArgumentException(
            "a mean of 1 to %d and a sigma of 0 to %s are possible, not %s and %s"
                .formatted(LONGEST, MOST_SIGMA, mean, sigma));
      }
    }

    @Override
    public int draw(SplittableRandom random) {
      double exponent = sigma * normal(random) - sigma * sigma / 2;
      return Math.clamp(Math.round(mean * Math.exp(exponent)), 1, LONGEST);
    }

    private static double normal(SplittableRandom random) {
      return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
          * Math.cos(2 * Math.PI * random.nextDouble());
    }
  }

  /** Reads {@code 32}, {@code uniform:16:64} or {@code lognormal:200:0.8}. */
  static Lengths parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      return switch (parts[0] + "/" + (parts.length - 1)) {
        case "fixed/1" -> new Fixed(Integer.parseInt(parts[1]));
        case "uniform/2" -> new Uniform(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        case "lognormal/2" ->
            new LogNormal(Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
        default -> new Fixed(Integer.parseInt(text));
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is no distribution of lengths (N, uniform:FROM:TO or lognormal:MEAN:SIGMA): %s"
              .formatted(text, e.getMessage()),
          e);
    }
  }

  private static void requireLength(int tokens) {
    if (tokens < 1 || tokens > LONGEST) {
      throw new IllegalArgumentException(
          "a length of 1 to " + LONGEST + " is possible, not " + tokens);
    }
  }
}
