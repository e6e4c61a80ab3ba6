package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import dev.kvasir.runtime.device.Rope;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AttentionKernelTest {
  @Test
  void equalsPlainAttentionOverScatteredBlocks() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 200; i++) {
      int kvHeads = random.nextInt(1, 4);
      int headDim = 2 * random.nextInt(1, 70);
      AttentionShape shape =
          new AttentionShape(
              kvHeads * random.nextInt(1, 4),
              kvHeads,
              headDim,
              0.3f,
              random.nextBoolean() ? 0 : 2 + random.nextInt(50),
              random.nextBoolean() ? 0 : random.nextInt(1, 100));
      check(random, shape, 16 * random.nextInt(1, 4), random.nextInt(1, 150), "case " + i);
    }
  }

  private static void check(
      SplittableRandom random, AttentionShape shape, int blockSize, int length, String message) {
    int[] table = table(random, Math.ceilDiv(length, blockSize));
    KvLayout layout =
        new KvLayout(new int[2], shape.kvHeads(), shape.headDim(), blockSize, KvType.FLOAT32);
    float[] qkv = new float[length * shape.qkvWidth()];
    for (int i = 0; i < qkv.length; i++) {
      qkv[i] = (float) random.nextGaussian();
    }
    try (Arena arena = Arena.ofConfined()) {
      KvLayer[] layers = new KvLayer[2];
      new CpuKvCache(arena, layout, 0, table.length + 10)
          .putLayers(Collections.nCopies(2, KvScale.ONE), layers);
      CpuKvCache.Layer layer = CpuKvCache.Layer.of(layers[1]);
      write(qkv, shape, layer, table, length, blockSize);
      int head = random.nextInt(shape.heads());
      int most = Math.min(AttentionScratch.MOST_HEADS, shape.heads() - head);
      int count = random.nextInt(1, most + 1);
      float[] out = run(qkv, shape, layer, table, length, head, count);
      for (int i = 0; i < out.length; i++) {
        int of = head + i / shape.headDim();
        double wanted = plain(qkv, shape, length, of)[i % shape.headDim()];
        assertEquals(wanted, out[i], 1e-5, message + " head " + of + ", element " + i);
      }
      float[] alone = run(qkv, shape, layer, table, length, head, 1);
      assertArrayEquals(
          alone, Arrays.copyOf(out, shape.headDim()), message + ": not the same bits");
    }
  }

  private static float[] run(
      float[] qkv,
      AttentionShape shape,
      CpuKvCache.Layer layer,
      int[] table,
      int length,
      int head,
      int count) {
    float[] out = new float[count * shape.headDim()];
    int query = (length - 1) * shape.qkvWidth() + head * shape.headDim();
    AttentionKernel kernel = new AttentionKernel();
    kernel.begin(layer, shape);
    kernel.run(qkv, query, table, length, head, count, new AttentionScratch(), out, 0);
    return out;
  }

  private static int[] table(SplittableRandom random, int blocks) {
    int[] table = new int[blocks];
    int start = random.nextInt(9);
    for (int i = 0; i < blocks; i++) {
      table[i] = 1 + (start + i) % (blocks + 9);
    }
    return table;
  }

  private static void write(
      float[] qkv,
      AttentionShape shape,
      CpuKvCache.Layer layer,
      int[] table,
      int length,
      int blockSize) {
    RopeAngles unturned = new RopeAngles(new Rope.Fixed(new float[shape.headDim() / 2], 1), length);
    unturned.compute(new int[length], new int[length]);
    KvWriter writer = new KvWriter();
    writer.begin(qkv, shape, null, unturned, layer);
    for (int row = 0; row < length; row++) {
      int slot = table[row / blockSize] * blockSize + row % blockSize;
      layer.cache().provide(new int[] {slot});
      writer.write(row, slot);
    }
  }

  private static double[] plain(float[] qkv, AttentionShape shape, int length, int head) {
    int dim = shape.headDim();
    int query = (length - 1) * shape.qkvWidth() + head * dim;
    int kvHead = head / shape.headsPerKvHead();
    double[] out = new double[dim];
    double sum = 0;
    for (int row = shape.firstSeen(length); row < length; row++) {
      int key = row * shape.qkvWidth() + shape.queryWidth() + kvHead * dim;
      double score = 0;
      for (int d = 0; d < dim; d++) {
        score += (double) qkv[query + d] * qkv[key + d];
      }
      double scaled = score * shape.scale();
      double cap = shape.softcap();
      double weight = Math.exp(cap == 0 ? scaled : cap * Math.tanh(scaled / cap));
      sum += weight;
      for (int d = 0; d < dim; d++) {
        out[d] += weight * qkv[key + shape.kvWidth() + d];
      }
    }
    for (int d = 0; d < dim; d++) {
      out[d] /= sum;
    }
    return out;
  }
}
