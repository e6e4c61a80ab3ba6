package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products with quantized weights against the plain sum over the dequantized ones. */
class QuantizedProductTest {
  private static final WorkerPool POOL = new WorkerPool(3);
  private static final Arena DEVICE = Arena.ofShared();

  @AfterAll
  static void close() {
    POOL.close();
    DEVICE.close();
  }

  @ParameterizedTest
  @EnumSource(TestingWeights.Form.class)
  void equalsTheProductOfTheDequantizedWeights(TestingWeights.Form form) {
    for (int seed = 0; seed < 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Case c = Case.random(random, List.of(form), random.nextInt(1, 12), random.nextInt(1, 400));
      c.check(form + ", seed " + seed);
    }
  }

  @Test
  void partsOfDifferentFormsCanBeStacked() {
    for (int seed = 0; seed < 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<TestingWeights.Form> forms = new ArrayList<>(List.of(TestingWeights.Form.values()));
      Collections.shuffle(forms, new java.util.Random(seed));
      forms = forms.subList(0, random.nextInt(2, 4));
      Case c = Case.random(random, forms, random.nextInt(1, 12), random.nextInt(1, 200));
      c.check(forms + ", seed " + seed);
    }
  }

  /** 256 columns are whole blocks, for which some kernels have shorter ways. */
  @ParameterizedTest
  @EnumSource(TestingWeights.Form.class)
  void aRowGivesTheSameBitsInEveryBatch(TestingWeights.Form form) {
    for (int columns : new int[] {300, 256}) {
      Case c = Case.random(new SplittableRandom(9), List.of(form), 70, columns);
      int outputs = c.weight.rows();
      float[] all = c.product(c.inputs);
      for (int rows : new int[] {1, 7}) {
        for (int row = 0; row + rows <= 70; row += rows) {
          float[] some = Arrays.copyOfRange(c.inputs, row * columns, (row + rows) * columns);
          float[] wanted = Arrays.copyOfRange(all, row * outputs, (row + rows) * outputs);
          assertArrayEquals(wanted, c.product(some), rows + " of " + columns + " from row " + row);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestingWeights.Form.class)
  void aRowComesBackAsItIs(TestingWeights.Form form) {
    Case c = Case.random(new SplittableRandom(4), List.of(form), 1, 77);
    for (int row = 0; row < c.weight.rows(); row++) {
      float[] found = new float[78];
      c.weight.copyRow(row, found, 1);
      for (int k = 0; k < 77; k++) {
        float wanted = c.plain[row * 77 + k];
        assertEquals(wanted, found[1 + k], 1e-6f, row + ", " + k);
      }
    }
  }

  @Test
  void eightBitInputsMoveAnOutputByLessThanAFiftieth() {
    for (int seed = 0; seed < 20; seed++) {
      Case c = Case.random(new SplittableRandom(seed), List.of(TestingWeights.Form.INT4), 4, 1024);
      float[] found = c.product(c.inputs);
      double error = 0;
      double size = 0;
      for (int row = 0; row < 4; row++) {
        float[] x = c.ordered(row);
        for (int n = 0; n < c.weight.rows(); n++) {
          double exact = 0;
          for (int k = 0; k < 1024; k++) {
            exact += (double) x[k] * c.plain[n * 1024 + k];
          }
          double difference = found[row * c.weight.rows() + n] - c.bias[n] - exact;
          error += difference * difference;
          size += exact * exact;
        }
      }
      assertTrue(Math.sqrt(error / size) < 0.02, "seed " + seed + ": " + Math.sqrt(error / size));
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    MemorySegment ten = MemorySegment.ofArray(new byte[10]);
    MemorySegment scales = MemorySegment.ofArray(new byte[16]);
    HostWeight dense = new HostWeight.Dense(ElementType.BF16, 1, 5, ten);

    assertThrows(
        IllegalArgumentException.class, () -> new HostWeight.Int4(4, 5, 5, ten, scales, ten));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HostWeight.Int8(2, 5, 0, ten, scales, null, new ActivationScale.None()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HostWeight.Fp8(2, 5, 1, 2, ten, scales, new ActivationScale.None()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HostWeight.Stacked(List.of(new HostWeight.Stacked(List.of(dense)))));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Linear(dense, Optional.empty(), Optional.of(new int[] {0, 1, 2, 3, 3})));
  }

  /** Inputs and a matrix of stacked parts, with a bias and often a permutation. */
  private record Case(
      float[] inputs,
      int columns,
      List<HostWeight> parts,
      float[] plain,
      float[] bias,
      int[] order,
      CpuWeight weight) {

    static Case random(
        SplittableRandom random, List<TestingWeights.Form> forms, int rows, int columns) {
      try (Arena arena = Arena.ofShared()) {
        List<HostWeight> parts = new ArrayList<>();
        float[] plain = {};
        for (TestingWeights.Form form : forms) {
          // What stays in place outlives the device; the rest is gone when it has been prepared.
          Arena owner = form == TestingWeights.Form.BF16 ? DEVICE : arena;
          TestingWeights made =
              TestingWeights.random(random, form, random.nextInt(1, 40), columns, owner);
          parts.add(made.weight());
          int at = plain.length;
          plain = Arrays.copyOf(plain, at + made.values().length);
          System.arraycopy(made.values(), 0, plain, at, made.values().length);
        }
        HostWeight weight = parts.size() == 1 ? parts.getFirst() : new HostWeight.Stacked(parts);
        float[] bias = TestingWeights.gaussians(random, weight.rows());
        int[] order = random.nextBoolean() ? permutation(random, columns) : null;
        Linear linear = new Linear(weight, Optional.of(bias), Optional.ofNullable(order));
        return new Case(
            TestingWeights.gaussians(random, rows * columns),
            columns,
            List.copyOf(parts),
            plain,
            bias,
            order,
            new WeightPreparation(DEVICE, POOL).prepare(linear));
      }
    }

    private static int[] permutation(SplittableRandom random, int n) {
      List<Integer> all = new ArrayList<>(IntStream.range(0, n).boxed().toList());
      Collections.shuffle(all, new java.util.Random(random.nextLong()));
      return all.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Holds every output against the sum over what the device computes from. */
    void check(String message) {
      float[] found = product(inputs);
      int rows = inputs.length / columns;
      for (int row = 0; row < rows; row++) {
        float[] ordered = ordered(row);
        int first = 0;
        for (HostWeight part : parts) {
          float[] x = part instanceof HostWeight.Int4 int4 ? quantized(ordered, int4) : ordered;
          for (int n = first; n < first + part.rows(); n++) {
            double wanted = bias[n];
            double size = Math.abs(wanted);
            for (int k = 0; k < columns; k++) {
              double term = (double) x[k] * plain[n * columns + k];
              wanted += term;
              size += Math.abs(term);
            }
            String where = "%s, row %d, output %d".formatted(message, row, n);
            assertEquals(wanted, found[row * weight.rows() + n], 1e-6 * size, where);
          }
          first += part.rows();
        }
      }
    }

    private float[] ordered(int row) {
      float[] x = new float[columns];
      for (int k = 0; k < columns; k++) {
        x[k] = inputs[row * columns + (order == null ? k : order[k])];
      }
      return x;
    }

    /** 8-bit, a scale for each equal part of a group that has at most 32 columns. */
    private static float[] quantized(float[] x, HostWeight.Int4 weight) {
      float[] result = new float[x.length];
      int group = Math.min(weight.groupSize(), x.length);
      int part = Math.ceilDiv(group, Math.ceilDiv(group, 32));
      for (int start = 0; start < x.length; start += group) {
        int end = Math.min(x.length, start + group);
        for (int from = start; from < end; from += part) {
          int to = Math.min(end, from + part);
          float largest = 0;
          for (int k = from; k < to; k++) {
            largest = Math.max(largest, Math.abs(x[k]));
          }
          for (int k = from; k < to; k++) {
            result[k] = (float) Math.rint(x[k] * (127 / largest)) * (largest / 127);
          }
        }
      }
      return result;
    }

    float[] product(float[] rows) {
      int count = rows.length / columns;
      CpuBuffer in = new CpuBuffer(count, columns);
      System.arraycopy(rows, 0, in.data(), 0, rows.length);
      in.setRows(count);
      CpuBuffer out = new CpuBuffer(count, weight.rows());
      new MatrixProduct(POOL).run(in, weight, out);
      return out.data();
    }
  }
}
