package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RowBucketsTest {
  @Test
  void aStepIsPaddedToTheNextSizeAndNeverBeyondTheMost() {
    RowBuckets buckets = RowBuckets.upTo(20);

    assertEquals(1, buckets.of(1));
    assertEquals(2, buckets.of(2));
    assertEquals(4, buckets.of(3));
    assertEquals(8, buckets.of(5));
    assertEquals(16, buckets.of(9));
    assertEquals(20, buckets.of(17));
    assertEquals(20, buckets.of(20));
    assertEquals(0, buckets.of(21));
    assertEquals(512, RowBuckets.upTo(100_000).of(511));
    assertEquals(0, RowBuckets.NONE.of(1));
  }

  @Test
  void noSizeIsPaddedByMoreThanSevenRows() {
    RowBuckets buckets = RowBuckets.upTo(512);
    for (int rows = 1; rows <= 512; rows++) {
      int padded = buckets.of(rows);
      assertTrue(padded >= rows && padded < rows + 8, rows + " to " + padded);
    }
  }
}
