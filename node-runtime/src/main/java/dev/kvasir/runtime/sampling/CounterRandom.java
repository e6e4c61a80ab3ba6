package dev.kvasir.runtime.sampling;

/**
 * Random numbers that are a function of a key and an index and of nothing else, so that every
 * device draws the same ones in any order. The mixing function is SplitMix64's.
 */
public final class CounterRandom {
  private CounterRandom() {}

  /** The key of one draw: a request's seed and how many tokens it has generated. */
  public static long key(long seed, int outputPosition) {
    return mix(mix(seed) + 0x9E3779B97F4A7C15L * (outputPosition + 1L));
  }

  /** The seed of a request's n-th choice: its own seed for the first. */
  public static long derive(long seed, int choice) {
    return choice == 0 ? seed : mix(mix(seed) ^ mix(0x9E3779B97F4A7C15L * choice));
  }

  /** Uniform in (0, 1), 2^-33 away from both ends at least. */
  public static double uniform(long key, int index) {
    return (Integer.toUnsignedLong(bits(key, index)) + 0.5) * 0x1p-32;
  }

  /** What {@link #uniform} is made of, as an unsigned number. */
  public static int bits(long key, int index) {
    return (int) (mix(key + 0x9E3779B97F4A7C15L * (index + 1L)) >>> 32);
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
