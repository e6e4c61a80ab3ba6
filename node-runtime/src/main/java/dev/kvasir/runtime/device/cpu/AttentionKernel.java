package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Attention of some heads of a row over the cached positions up to its own, or as many of them as
 * its window shows. It visits them in order, whatever else is in the batch and whichever heads are
 * computed together, so the result depends on the sequence alone; blocks that lie before the window
 * are not looked at. Heads go through a block one after another, as they lie in it, and two that
 * share keys and values read them once.
 */
final class AttentionKernel {
  private CpuKvCache.Layer layer;
  private AttentionShape shape;
  private KvElements elements;
  private int blockSize;
  private float scoreScale;

  /** Not while it runs. */
  void begin(CpuKvCache.Layer layer, AttentionShape shape) {
    this.layer = layer;
    this.shape = shape;
    this.elements = layer.cache().elements().forReading();
    this.blockSize = layer.cache().blockSize();
    this.scoreScale = shape.scale() * layer.scale().key();
  }

  /**
   * @param q holds the heads' queries, one after another
   * @param length positions up to the row's own
   * @param head the first of {@code count} heads
   * @param out takes the heads' results, one after another
   */
  void run(
      float[] q,
      int qAt,
      int[] blockTable,
      int length,
      int head,
      int count,
      AttentionScratch scratch,
      float[] out,
      int outAt) {
    int first = shape.firstSeen(length);
    scratch.reserve(length);
    scores(q, qAt, blockTable, first, length, head, count, scratch);
    for (int i = 0; i < count; i++) {
      scratch.sums()[i] = softmax(scratch.weights(i), first, length, scratch.lanes());
    }
    int dim = shape.headDim();
    Arrays.fill(out, outAt, outAt + count * dim, 0f);
    values(blockTable, first, length, head, count, scratch, out, outAt);
    for (int i = 0; i < count; i++) {
      float scale = layer.scale().value() / scratch.sums()[i];
      RowKernels.scale(out, outAt + i * dim, dim, scale);
    }
  }

  private int blockStart(int position) {
    return position - position % blockSize;
  }

  private boolean share(int head, int end) {
    return head + 1 < end && head / shape.headsPerKvHead() == (head + 1) / shape.headsPerKvHead();
  }

  private void scores(
      float[] q,
      int qAt,
      int[] blockTable,
      int first,
      int length,
      int head,
      int count,
      AttentionScratch scratch) {
    int dim = shape.headDim();
    for (int start = blockStart(first); start < length; start += blockSize) {
      int block = blockTable[start / blockSize];
      MemorySegment chunk = layer.cache().chunk(block);
      for (int i = 0; i < count; i++) {
        int at = qAt + i * dim;
        long keys = layer.keys(block, (head + i) / shape.headsPerKvHead());
        if (share(head + i, head + count)) {
          dotTwo(q, at, chunk, keys, scratch.weights(i), scratch.weights(i + 1), start);
          i++;
        } else {
          dotOne(q, at, chunk, keys, scratch.weights(i), start);
        }
      }
    }
  }

  /** A query times the keys of a block. */
  private void dotOne(
      float[] q, int qAt, MemorySegment chunk, long keys, float[] scores, int scoresAt) {
    long stride = blockSize;
    int dim = shape.headDim();
    for (int place = 0; place < blockSize; place += Lanes.COUNT) {
      FloatVector a = FloatVector.zero(Lanes.F);
      FloatVector b = FloatVector.zero(Lanes.F);
      FloatVector c = FloatVector.zero(Lanes.F);
      FloatVector e = FloatVector.zero(Lanes.F);
      long at = keys + place;
      int d = qAt;
      for (; d + 4 <= qAt + dim; d += 4, at += 4 * stride) {
        a = elements.load(chunk, at).fma(FloatVector.broadcast(Lanes.F, q[d]), a);
        b = elements.load(chunk, at + stride).fma(FloatVector.broadcast(Lanes.F, q[d + 1]), b);
        c = elements.load(chunk, at + 2 * stride).fma(FloatVector.broadcast(Lanes.F, q[d + 2]), c);
        e = elements.load(chunk, at + 3 * stride).fma(FloatVector.broadcast(Lanes.F, q[d + 3]), e);
      }
      for (; d < qAt + dim; d++, at += stride) {
        a = elements.load(chunk, at).fma(FloatVector.broadcast(Lanes.F, q[d]), a);
      }
      a.add(b).add(c.add(e)).intoArray(scores, scoresAt + place);
    }
  }

  /** The same of two queries, the second {@code headDim} after the first. */
  private void dotTwo(
      float[] q,
      int qAt,
      MemorySegment chunk,
      long keys,
      float[] scores,
      float[] others,
      int scoresAt) {
    long stride = blockSize;
    int dim = shape.headDim();
    for (int place = 0; place < blockSize; place += Lanes.COUNT) {
      FloatVector a = FloatVector.zero(Lanes.F);
      FloatVector b = FloatVector.zero(Lanes.F);
      FloatVector c = FloatVector.zero(Lanes.F);
      FloatVector e = FloatVector.zero(Lanes.F);
      FloatVector a2 = FloatVector.zero(Lanes.F);
      FloatVector b2 = FloatVector.zero(Lanes.F);
      FloatVector c2 = FloatVector.zero(Lanes.F);
      FloatVector e2 = FloatVector.zero(Lanes.F);
      long at = keys + place;
      int d = qAt;
      for (; d + 4 <= qAt + dim; d += 4, at += 4 * stride) {
        FloatVector key = elements.load(chunk, at);
        a = key.fma(FloatVector.broadcast(Lanes.F, q[d]), a);
        a2 = key.fma(FloatVector.broadcast(Lanes.F, q[d + dim]), a2);
        key = elements.load(chunk, at + stride);
        b = key.fma(FloatVector.broadcast(Lanes.F, q[d + 1]), b);
        b2 = key.fma(FloatVector.broadcast(Lanes.F, q[d + dim + 1]), b2);
        key = elements.load(chunk, at + 2 * stride);
        c = key.fma(FloatVector.broadcast(Lanes.F, q[d + 2]), c);
        c2 = key.fma(FloatVector.broadcast(Lanes.F, q[d + dim + 2]), c2);
        key = elements.load(chunk, at + 3 * stride);
        e = key.fma(FloatVector.broadcast(Lanes.F, q[d + 3]), e);
        e2 = key.fma(FloatVector.broadcast(Lanes.F, q[d + dim + 3]), e2);
      }
      for (; d < qAt + dim; d++, at += stride) {
        FloatVector key = elements.load(chunk, at);
        a = key.fma(FloatVector.broadcast(Lanes.F, q[d]), a);
        a2 = key.fma(FloatVector.broadcast(Lanes.F, q[d + dim]), a2);
      }
      a.add(b).add(c.add(e)).intoArray(scores, scoresAt + place);
      a2.add(b2).add(c2.add(e2)).intoArray(others, scoresAt + place);
    }
  }

  /** Scales and caps scores, turns them into unnormalized weights and returns their sum. */
  private float softmax(float[] scores, int first, int length, float[] lanes) {
    int start = blockStart(first);
    int end = Math.ceilDiv(length, Lanes.COUNT) * Lanes.COUNT;
    for (int i = start; i < end; i += Lanes.COUNT) {
      FloatVector score = FloatVector.fromArray(Lanes.F, scores, i).mul(scoreScale);
      if (shape.softcap() != 0) {
        score = Lanes.softcap(score, shape.softcap());
      }
      score.intoArray(scores, i);
    }
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
    sum.intoArray(lanes, 0);
    return Lanes.sum(lanes);
  }

  private void values(
      int[] blockTable,
      int first,
      int length,
      int head,
      int count,
      AttentionScratch scratch,
      float[] out,
      int outAt) {
    int dim = shape.headDim();
    for (int start = blockStart(first); start < length; start += blockSize) {
      int block = blockTable[start / blockSize];
      MemorySegment chunk = layer.cache().chunk(block);
      int from = Math.max(first, start);
      int to = Math.min(length, start + blockSize);
      for (int i = 0; i < count; i++) {
        int at = outAt + i * dim;
        long values =
            layer.values(block, (head + i) / shape.headsPerKvHead()) + (from - start) * (long) dim;
        float[] weights = scratch.weights(i);
        if (share(head + i, head + count)) {
          addTwo(weights, scratch.weights(i + 1), from, to, chunk, values, out, at);
          i++;
        } else {
          addOne(weights, from, to, chunk, values, 0, out, at);
        }
      }
    }
  }

  /** Adds the values of some positions of a block, times their weights, from a dimension on. */
  private void addOne(
      float[] weights,
      int from,
      int to,
      MemorySegment chunk,
      long values,
      int fromDimension,
      float[] out,
      int outAt) {
    int dim = shape.headDim();
    int d = fromDimension;
    for (; d + Lanes.COUNT <= dim; d += Lanes.COUNT) {
      FloatVector sum = FloatVector.fromArray(Lanes.F, out, outAt + d);
      long at = values + d;
      for (int position = from; position < to; position++, at += dim) {
        FloatVector weight = FloatVector.broadcast(Lanes.F, weights[position]);
        sum = elements.load(chunk, at).fma(weight, sum);
      }
      sum.intoArray(out, outAt + d);
    }
    for (; d < dim; d++) {
      float sum = out[outAt + d];
      long at = values + d;
      for (int position = from; position < to; position++, at += dim) {
        sum = Math.fma(elements.get(chunk, at), weights[position], sum);
      }
      out[outAt + d] = sum;
    }
  }

  /** The same of two heads. */
  private void addTwo(
      float[] weights,
      float[] others,
      int from,
      int to,
      MemorySegment chunk,
      long values,
      float[] out,
      int outAt) {
    int dim = shape.headDim();
    int d = 0;
    for (; d + 4 * Lanes.COUNT <= dim; d += 4 * Lanes.COUNT) {
      addFourVectors(weights, others, from, to, chunk, values + d, out, outAt + d);
    }
    if (d < dim) {
      addOne(weights, from, to, chunk, values, d, out, outAt);
      addOne(others, from, to, chunk, values, d, out, outAt + dim);
    }
  }

  private void addFourVectors(
      float[] weights,
      float[] others,
      int from,
      int to,
      MemorySegment chunk,
      long values,
      float[] out,
      int outAt) {
    int dim = shape.headDim();
    FloatVector a = FloatVector.fromArray(Lanes.F, out, outAt);
    FloatVector b = FloatVector.fromArray(Lanes.F, out, outAt + Lanes.COUNT);
    FloatVector c = FloatVector.fromArray(Lanes.F, out, outAt + 2 * Lanes.COUNT);
    FloatVector e = FloatVector.fromArray(Lanes.F, out, outAt + 3 * Lanes.COUNT);
    FloatVector a2 = FloatVector.fromArray(Lanes.F, out, outAt + dim);
    FloatVector b2 = FloatVector.fromArray(Lanes.F, out, outAt + dim + Lanes.COUNT);
    FloatVector c2 = FloatVector.fromArray(Lanes.F, out, outAt + dim + 2 * Lanes.COUNT);
    FloatVector e2 = FloatVector.fromArray(Lanes.F, out, outAt + dim + 3 * Lanes.COUNT);
    long at = values;
    for (int position = from; position < to; position++, at += dim) {
      FloatVector weight = FloatVector.broadcast(Lanes.F, weights[position]);
      FloatVector other = FloatVector.broadcast(Lanes.F, others[position]);
      FloatVector value = elements.load(chunk, at);
      a = value.fma(weight, a);
      a2 = value.fma(other, a2);
      value = elements.load(chunk, at + Lanes.COUNT);
      b = value.fma(weight, b);
      b2 = value.fma(other, b2);
      value = elements.load(chunk, at + 2L * Lanes.COUNT);
      c = value.fma(weight, c);
      c2 = value.fma(other, c2);
      value = elements.load(chunk, at + 3L * Lanes.COUNT);
      e = value.fma(weight, e);
      e2 = value.fma(other, e2);
    }
    a.intoArray(out, outAt);
    b.intoArray(out, outAt + Lanes.COUNT);
    c.intoArray(out, outAt + 2 * Lanes.COUNT);
    e.intoArray(out, outAt + 3 * Lanes.COUNT);
    a2.intoArray(out, outAt + dim);
    b2.intoArray(out, outAt + dim + Lanes.COUNT);
    c2.intoArray(out, outAt + dim + 2 * Lanes.COUNT);
    e2.intoArray(out, outAt + dim + 3 * Lanes.COUNT);
  }
}
