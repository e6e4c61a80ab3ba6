package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A random cache, its sequences' blocks scattered over it, and what attention over it must give.
 */
final class PagedTestCache {
  static final int BLOCK = 16;

  private final AttentionShape shape;
  private final boolean fp8;
  private final int[][] tables;
  private final MemorySegment keys;
  private final MemorySegment values;
  private final PagedCache cache;
  private final DeviceBuffer deviceTables;

  /**
   * @param lengths tokens of each sequence; what the cache holds behind them is not a number
   */
  PagedTestCache(Bench bench, AttentionShape shape, boolean fp8, int[] lengths) {
    this.shape = shape;
    this.fp8 = fp8;
    int stride = Math.max(1, Math.ceilDiv(IntStream.of(lengths).max().orElse(1), BLOCK));
    tables = scattered(lengths.length, stride);
    int dim = PagedCache.storedDim(shape.headDim());
    long elements = (long) lengths.length * stride * shape.kvHeads() * BLOCK * dim;
    keys = fp8 ? bench.randomE4m3(elements, 21) : bench.randomBf16(elements, 21, 2);
    values = fp8 ? bench.randomE4m3(elements, 22) : bench.randomBf16(elements, 22, 2);
    clearBehindHeads(dim);
    spoilBehind(lengths, dim);
    cache =
        new PagedCache(
            bench.upload(keys),
            bench.upload(values),
            fp8,
            shape.kvHeads(),
            dim,
            BLOCK,
            fp8 ? 0.5f : 1,
            fp8 ? 2 : 1);
    deviceTables =
        bench.upload(
            IntStream.range(0, lengths.length * stride)
                .map(i -> tables[i / stride][i % stride])
                .toArray());
  }

  PagedCache cache() {
    return cache;
  }

  DeviceBuffer tables() {
    return deviceTables;
  }

  int stride() {
    return tables[0].length;
  }

  private static int[][] scattered(int sequences, int blocks) {
    int[] all = IntStream.range(0, sequences * blocks).toArray();
    SplittableRandom random = new SplittableRandom(5);
    for (int i = all.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = all[i];
      all[i] = all[j];
      all[j] = kept;
    }
    return IntStream.range(0, sequences)
        .mapToObj(s -> Arrays.copyOfRange(all, s * blocks, (s + 1) * blocks))
        .toArray(int[][]::new);
  }

  private int elementBytes() {
    return fp8 ? 1 : 2;
  }

  private void clearBehindHeads(int dim) {
    int bytes = elementBytes();
    for (MemorySegment data : new MemorySegment[] {keys, values}) {
      for (long at = 0; shape.headDim() < dim && at < data.byteSize(); at += (long) dim * bytes) {
        data.asSlice(at + (long) shape.headDim() * bytes, (long) (dim - shape.headDim()) * bytes)
            .fill((byte) 0);
      }
    }
  }

  private void spoilBehind(int[] lengths, int dim) {
    for (int s = 0; s < lengths.length; s++) {
      for (int token = lengths[s]; token < stride() * BLOCK; token++) {
        for (int head = 0; head < shape.kvHeads(); head++) {
          long at = place(s, token, head, dim) * elementBytes();
          keys.asSlice(at, (long) dim * elementBytes()).fill((byte) 0xff);
          values.asSlice(at, (long) dim * elementBytes()).fill((byte) 0xff);
        }
      }
    }
  }

  private long place(int sequence, int token, int head, int dim) {
    long block = tables[sequence][token / BLOCK];
    return ((block * shape.kvHeads() + head) * BLOCK + token % BLOCK) * dim;
  }

  private double element(MemorySegment data, float scale, long at) {
    return fp8
        ? (double) scale * Elements.fromE4m3(data.get(ValueLayout.JAVA_BYTE, at))
        : Elements.fromBf16(data.getAtIndex(ValueLayout.JAVA_SHORT, at));
  }

  /**
   * What a head's query over the first {@code length} tokens of a sequence gives.
   *
   * @param queries bfloat16; the head's query begins at {@code at}
   */
  double[] reference(MemorySegment queries, long at, int sequence, int length, int head) {
    int dim = shape.headDim();
    int kvHead = head / shape.headsPerKvHead();
    int first = shape.firstSeen(length);
    double[] query = new double[dim];
    Arrays.setAll(
        query, d -> Elements.fromBf16(queries.getAtIndex(ValueLayout.JAVA_SHORT, at + d)));
    double[] scores = new double[length];
    double max = Double.NEGATIVE_INFINITY;
    for (int t = first; t < length; t++) {
      long key = place(sequence, t, kvHead, cache.headDim());
      for (int d = 0; d < dim; d++) {
        scores[t] += query[d] * element(keys, cache.keyScale(), key + d);
      }
      scores[t] *= shape.scale();
      if (shape.softcap() > 0) {
        scores[t] = shape.softcap() * Math.tanh(scores[t] / shape.softcap());
      }
      max = Math.max(max, scores[t]);
    }
    return weighted(scores, first, max, sequence, kvHead);
  }

  private double[] weighted(double[] scores, int first, double max, int sequence, int kvHead) {
    double[] out = new double[shape.headDim()];
    double sum = 0;
    for (int t = first; t < scores.length; t++) {
      double weight = Math.exp(scores[t] - max);
      sum += weight;
      long value = place(sequence, t, kvHead, cache.headDim());
      for (int d = 0; d < out.length; d++) {
        out[d] += weight * element(values, cache.valueScale(), value + d);
      }
    }
    for (int d = 0; d < out.length && sum > 0; d++) {
      out[d] /= sum;
    }
    return out;
  }
}
