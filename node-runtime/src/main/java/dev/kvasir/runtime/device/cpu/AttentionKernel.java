package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention of one row and head over the cached positions up to its own, or as many of them as its
 * window shows. It visits them in order, whatever else is in the batch, so the result depends on
 * the sequence alone; blocks that lie before the window are not looked at.
 */
final class AttentionKernel {
  private final CpuKvCache.Layer layer;
  private final AttentionShape shape;
  private final KvElements elements;
  private final int blockSize;
  private final float scoreScale;

  AttentionKernel(CpuKvCache.Layer layer, AttentionShape shape) {
    this.layer = layer;
    this.shape = shape;
    this.elements = layer.cache().elements().forReading();
    this.blockSize = layer.cache().blockSize();
    this.scoreScale = shape.scale() * layer.scale().key();
  }

  /**
   * @param length positions up to the row's own
   * @param weights room for them, rounded up to whole blocks
   */
  void run(
      float[] q,
      int qAt,
      int[] blockTable,
      int length,
      int head,
      float[] weights,
      float[] out,
      int outAt) {
    int kvHead = head / shape.headsPerKvHead();
    int first = shape.firstSeen(length);
    scores(q, qAt, blockTable, first, length, kvHead, weights);
    float sum = softmax(weights, first, length);
    weightedValues(
        weights, blockTable, first, length, kvHead, layer.scale().value() / sum, out, outAt);
  }

  private int blockStart(int position) {
    return position - position % blockSize;
  }

  private void scores(
      float[] q, int qAt, int[] blockTable, int first, int length, int kvHead, float[] scores) {
    for (int start = blockStart(first); start < length; start += blockSize) {
      int block = blockTable[start / blockSize];
      MemorySegment chunk = layer.cache().chunk(block);
      long keys = layer.keys(block, kvHead);
      for (int place = 0; place < blockSize; place += Lanes.COUNT) {
        dot(q, qAt, chunk, keys + place, scores, start + place);
      }
    }
  }

  /** Query times the keys of as many positions as there are lanes. */
  private void dot(
      float[] q, int qAt, MemorySegment chunk, long keys, float[] scores, int scoresAt) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = FloatVector.zero(Lanes.F);
    FloatVector c = FloatVector.zero(Lanes.F);
    FloatVector e = FloatVector.zero(Lanes.F);
    long stride = blockSize;
    int dim = shape.headDim();
    int d = 0;
    for (; d + 4 <= dim; d += 4) {
      long at = keys + d * stride;
      a = elements.load(chunk, at).fma(FloatVector.broadcast(Lanes.F, q[qAt + d]), a);
      b = elements.load(chunk, at + stride).fma(FloatVector.broadcast(Lanes.F, q[qAt + d + 1]), b);
      c =
          elements
              .load(chunk, at + 2 * stride)
              .fma(FloatVector.broadcast(Lanes.F, q[qAt + d + 2]), c);
      e =
          elements
              .load(chunk, at + 3 * stride)
              .fma(FloatVector.broadcast(Lanes.F, q[qAt + d + 3]), e);
    }
    for (; d < dim; d++) {
      a =
          elements
              .load(chunk, keys + d * stride)
              .fma(FloatVector.broadcast(Lanes.F, q[qAt + d]), a);
    }
    FloatVector score = a.add(b).add(c.add(e)).mul(scoreScale);
    if (shape.softcap() != 0) {
      score = Lanes.softcap(score, shape.softcap());
    }
    score.intoArray(scores, scoresAt);
  }

  /** Turns scores into unnormalized weights and returns their sum. */
  private float softmax(float[] scores, int first, int length) {
    int start = blockStart(first);
    int end = Math.ceilDiv(length, Lanes.COUNT) * Lanes.COUNT;
    Arrays.fill(scores, start, first, Float.NEGATIVE_INFINITY);
    Arrays.fill(scores, length, end, Float.NEGATIVE_INFINITY);
    FloatVector largest = FloatVector.broadcast(Lanes.F, Float.NEGATIVE_INFINITY);
    for (int i = start; i < end; i += Lanes.COUNT) {
      largest = largest.max(FloatVector.fromArray(Lanes.F, scores, i));
    }
    float max = largest.reduceLanes(jdk.incubator.vector.VectorOperators.MAX);
    FloatVector sum = FloatVector.zero(Lanes.F);
    for (int i = start; i < end; i += Lanes.COUNT) {
      FloatVector weight = Lanes.exp(FloatVector.fromArray(Lanes.F, scores, i).sub(max));
      weight.intoArray(scores, i);
      sum = sum.add(weight);
    }
    return Lanes.sum(sum);
  }

  private void weightedValues(
      float[] weights,
      int[] blockTable,
      int first,
      int length,
      int kvHead,
      float scale,
      float[] out,
      int outAt) {
    int dim = shape.headDim();
    int d = 0;
    for (; d + 4 * Lanes.COUNT <= dim; d += 4 * Lanes.COUNT) {
      fourVectors(weights, blockTable, first, length, kvHead, d, scale, out, outAt + d);
    }
    for (; d + Lanes.COUNT <= dim; d += Lanes.COUNT) {
      oneVector(weights, blockTable, first, length, kvHead, d, scale, out, outAt + d);
    }
    for (; d < dim; d++) {
      out[outAt + d] = oneElement(weights, blockTable, first, length, kvHead, d) * scale;
    }
  }

  private void fourVectors(
      float[] weights,
      int[] blockTable,
      int first,
      int length,
      int kvHead,
      int d,
      float scale,
      float[] out,
      int outAt) {
    FloatVector a = FloatVector.zero(Lanes.F);
    FloatVector b = FloatVector.zero(Lanes.F);
    FloatVector c = FloatVector.zero(Lanes.F);
    FloatVector e = FloatVector.zero(Lanes.F);
    long stride = shape.headDim();
    for (int start = blockStart(first); start < length; start += blockSize) {
      int block = blockTable[start / blockSize];
      MemorySegment chunk = layer.cache().chunk(block);
      long values = layer.values(block, kvHead) + d;
      int places = Math.min(blockSize, length - start);
      for (int place = Math.max(0, first - start); place < places; place++) {
        FloatVector weight = FloatVector.broadcast(Lanes.F, weights[start + place]);
        long at = values + place * stride;
        a = elements.load(chunk, at).fma(weight, a);
        b = elements.load(chunk, at + Lanes.COUNT).fma(weight, b);
        c = elements.load(chunk, at + 2L * Lanes.COUNT).fma(weight, c);
        e = elements.load(chunk, at + 3L * Lanes.COUNT).fma(weight, e);
      }
    }
    a.mul(scale).intoArray(out, outAt);
    b.mul(scale).intoArray(out, outAt + Lanes.COUNT);
    c.mul(scale).intoArray(out, outAt + 2 * Lanes.COUNT);
    e.mul(scale).intoArray(out, outAt + 3 * Lanes.COUNT);
  }

  private void oneVector(
      float[] weights,
      int[] blockTable,
      int first,
      int length,
      int kvHead,
      int d,
      float scale,
      float[] out,
      int outAt) {
    FloatVector sum = FloatVector.zero(Lanes.F);
    long stride = shape.headDim();
    for (int start = blockStart(first); start < length; start += blockSize) {
      int block = blockTable[start / blockSize];
      MemorySegment chunk = layer.cache().chunk(block);
      long values = layer.values(block, kvHead) + d;
      int places = Math.min(blockSize, length - start);
      for (int place = Math.max(0, first - start); place < places; place++) {
        sum =
            elements
                .load(chunk, values + place * stride)
                .fma(FloatVector.broadcast(Lanes.F, weights[start + place]), sum);
      }
    }
    sum.mul(scale).intoArray(out, outAt);
  }

  private float oneElement(
      float[] weights, int[] blockTable, int first, int length, int kvHead, int d) {
    float sum = 0;
    for (int position = first; position < length; position++) {
      int block = blockTable[position / blockSize];
      long place = position % blockSize;
      long at = layer.values(block, kvHead) + place * shape.headDim() + d;
      sum = Math.fma(elements.get(layer.cache().chunk(block), at), weights[position], sum);
    }
    return sum;
  }
}
