package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RowKernelsTest {
  private static final int CASES = 50;

  @Test
  void capsAsTanhDoesAtAnyWidthAndSize() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < CASES; i++) {
      int columns = random.nextInt(1, 100);
      int at = random.nextInt(20);
      float cap = 1 + 50 * (float) random.nextDouble();
      float[] rows = gaussians(random, at + columns + 5, 200);
      float[] before = rows.clone();

      RowKernels.softcap(rows, at, columns, cap);

      for (int k = 0; k < rows.length; k++) {
        boolean inside = k >= at && k < at + columns;
        double wanted = inside ? cap * Math.tanh(before[k] / (double) cap) : before[k];
        assertEquals(wanted, rows[k], 1e-6 * cap, "seed 11, case " + i + ", column " + k);
      }
    }
  }

  @Test
  void gelusAsTheFormulaSaysAtAnyWidth() {
    SplittableRandom random = new SplittableRandom(12);
    for (int i = 0; i < CASES; i++) {
      int columns = random.nextInt(1, 100);
      float[] gateUp = gaussians(random, 3 + 2 * columns, i < 5 ? 100 : 3);
      float[] out = new float[columns + 2];

      RowKernels.geluAndMultiply(gateUp, 3, columns, out, 1);

      for (int k = 0; k < columns; k++) {
        double x = gateUp[3 + k];
        double inner = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
        double wanted = 0.5 * x * (1 + Math.tanh(inner)) * gateUp[3 + columns + k];
        double tolerance = 2e-6 * (1 + Math.abs(wanted));
        assertEquals(wanted, out[1 + k], tolerance, "seed 12, case " + i + ", column " + k);
      }
      assertEquals(0, out[0]);
      assertEquals(0, out[columns + 1]);
    }
  }

  @Test
  void normsEachHeadByItself() {
    SplittableRandom random = new SplittableRandom(13);
    for (int i = 0; i < CASES; i++) {
      int heads = random.nextInt(1, 5);
      int width = random.nextInt(1, 70);
      float[] weight = gaussians(random, width, 1);
      float[] row = gaussians(random, 7 + heads * width, 2);
      float[] before = row.clone();

      RowKernels.normHeads(row, 7, heads, weight, 1e-5f);

      for (int k = 7; k < row.length; k++) {
        int head = (k - 7) / width;
        double squares = 0;
        for (int d = 0; d < width; d++) {
          squares += Math.pow(before[7 + head * width + d], 2);
        }
        double wanted = before[k] / Math.sqrt(squares / width + 1e-5f) * weight[(k - 7) % width];
        assertEquals(wanted, row[k], 1e-5, "seed 13, case " + i + ", place " + k);
      }
    }
  }

  private static float[] gaussians(SplittableRandom random, int n, double scale) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return values;
  }
}
