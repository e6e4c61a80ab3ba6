package dev.kvasir.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CounterRandomTest {
  @Test
  void numbersAreUniformOverSeedsPositionsAndIndices() {
    int[] buckets = new int[16];
    for (int seed = 0; seed < 40; seed++) {
      for (int position = 0; position < 40; position++) {
        long key = CounterRandom.key(seed, position);
        for (int index = 0; index < 40; index++) {
          double u = CounterRandom.uniform(key, index);
          assertTrue(u > 0 && u < 1);
          buckets[(int) (u * 16)]++;
        }
      }
    }
    for (int count : buckets) {
      // 64,000 draws: 4,000 a bucket, give or take five standard deviations.
      assertTrue(Math.abs(count - 4_000) < 310, "a bucket of " + count);
    }
  }

  @Test
  void neighboursAreUnrelated() {
    assertNotEquals(CounterRandom.key(1, 2), CounterRandom.key(2, 1));
    assertNotEquals(CounterRandom.key(0, 1), CounterRandom.key(1, 0));
    assertEquals(CounterRandom.key(5, 6), CounterRandom.key(5, 6));
  }
}
