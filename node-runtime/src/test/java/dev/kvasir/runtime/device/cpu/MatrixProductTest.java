package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MatrixProductTest {
  private static final WorkerPool POOL = new WorkerPool(3);
  private static final Arena ARENA = Arena.ofShared();

  @AfterAll
  static void close() {
    POOL.close();
    ARENA.close();
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void equalsTheProductInDoublePrecision(ElementType type) {
    SplittableRandom random = new SplittableRandom(type.bytes());
    for (int i = 0; i < 40; i++) {
      int rows = random.nextInt(1, 20);
      int columns = random.nextInt(1, 200);
      int outputs = random.nextInt(1, 70);
      Case c = Case.random(random, type, rows, columns, outputs);
      float[] found = c.product(rows);
      String shape = "%d x %d x %d of %s".formatted(rows, columns, outputs, type);
      for (int row = 0; row < rows; row++) {
        for (int n = 0; n < outputs; n++) {
          double wanted = c.exact(row, n);
          assertEquals(wanted, found[row * outputs + n], 1e-4 + 1e-5 * Math.abs(wanted), shape);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ElementType.class)
  void aRowGivesTheSameBitsInEveryBatch(ElementType type) {
    SplittableRandom random = new SplittableRandom(9);
    int columns = 96;
    int outputs = 103;
    Case c = Case.random(random, type, 70, columns, outputs);
    float[] all = c.product(70);
    for (int row = 0; row < 70; row++) {
      float[] alone = c.only(row).product(1);
      assertArrayEquals(
          Arrays.copyOfRange(all, row * outputs, (row + 1) * outputs), alone, "row " + row);
    }
  }

  @Test
  void aBufferOfTheWrongWidthIsRefused() {
    Case c = Case.random(new SplittableRandom(1), ElementType.F32, 1, 8, 4);
    CpuBuffer in = new CpuBuffer(1, 9);
    in.setRows(1);
    MatrixProduct product = new MatrixProduct(POOL);

    assertThrows(
        IllegalArgumentException.class, () -> product.run(in, c.weight(), new CpuBuffer(1, 4)));
  }

  /** Inputs and a matrix in two stacked parts, with a bias. */
  private record Case(
      float[] inputs, int columns, int outputs, float[] weights, float[] bias, CpuWeight weight) {

    static Case random(
        SplittableRandom random, ElementType type, int rows, int columns, int outputs) {
      float[] weights = floats(random, outputs * columns);
      MemorySegment data = store(type, weights);
      float[] bias = floats(random, outputs);
      int split = outputs / 3;
      List<HostWeight> parts = new ArrayList<>();
      long rowBytes = (long) columns * type.bytes();
      if (split > 0) {
        parts.add(new HostWeight.Dense(type, split, columns, data.asSlice(0, split * rowBytes)));
      }
      parts.add(
          new HostWeight.Dense(type, outputs - split, columns, data.asSlice(split * rowBytes)));
      CpuWeight weight =
          new WeightPreparation(ARENA, POOL)
              .prepare(new Linear(new HostWeight.Stacked(parts), Optional.of(bias)));
      return new Case(floats(random, rows * columns), columns, outputs, weights, bias, weight);
    }

    Case only(int row) {
      float[] one = Arrays.copyOfRange(inputs, row * columns, (row + 1) * columns);
      return new Case(one, columns, outputs, weights, bias, weight);
    }

    float[] product(int rows) {
      CpuBuffer in = new CpuBuffer(rows, columns);
      System.arraycopy(inputs, 0, in.data(), 0, rows * columns);
      in.setRows(rows);
      CpuBuffer out = new CpuBuffer(rows, outputs);
      new MatrixProduct(POOL).run(in, weight, out);
      return out.data();
    }

    double exact(int row, int output) {
      double sum = bias[output];
      for (int k = 0; k < columns; k++) {
        sum += (double) inputs[row * columns + k] * weights[output * columns + k];
      }
      return sum;
    }

    private static float[] floats(SplittableRandom random, int n) {
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }

    /** Stores the values and rounds them to what is stored. */
    private static MemorySegment store(ElementType type, float[] values) {
      MemorySegment data = ARENA.allocate((long) values.length * type.bytes());
      for (int i = 0; i < values.length; i++) {
        switch (type) {
          case F32 -> data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, values[i]);
          case F16 -> {
            short half = Float.floatToFloat16(values[i]);
            data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, half);
            values[i] = Float.float16ToFloat(half);
          }
          case BF16 -> {
            short high = (short) (Float.floatToRawIntBits(values[i]) >> 16);
            data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, high);
            values[i] = Float.intBitsToFloat(high << 16);
          }
        }
      }
      return data;
    }
  }
}
