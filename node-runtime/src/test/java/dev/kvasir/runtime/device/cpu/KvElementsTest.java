package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvElementsTest {

  @Test
  void everyByteIsReadAndWrittenBackAsItIs() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(256 + KvElements.SLACK);
      KvElements elements = KvElements.of(KvType.FP8);
      for (int code = 0; code < 256; code++) {
        segment.set(java.lang.foreign.ValueLayout.JAVA_BYTE, code, (byte) code);
      }
      for (int at = 0; at < 256; at += Lanes.COUNT) {
        float[] loaded = elements.load(segment, at).toArray();
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          int code = at + lane;
          if ((code & 0x7F) == 0x7F) {
            // No number; it is never stored where numbers are.
            continue;
          }
          assertEquals(plainFp8(code), loaded[lane], "code " + code);
          assertEquals(plainFp8(code), elements.get(segment, code), "code " + code);
          assertEquals((byte) code, E4m3.ofFloat(loaded[lane]), "code " + code);
        }
      }
    }
  }

  @Test
  void whatIsNoNumberStaysNone() {
    for (KvType type : KvType.values()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment segment = arena.allocate(4L * Lanes.COUNT + KvElements.SLACK);
        KvElements elements = KvElements.of(type);
        elements.set(segment, 0, Float.NaN);
        elements.set(segment, 1, 2);
        float[] loaded = elements.forReading().load(segment, 0).toArray();
        assertTrue(Float.isNaN(loaded[0]), type.name());
        assertEquals(2, loaded[1], type.name());
      }
    }
  }

  @Test
  void whatIsStoredIsTheNearest() {
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 20_000; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-12, 10)));
      assertEquals(nearestFp8(value), E4m3.toFloat(E4m3.ofFloat(value)), "of " + value);
      assertEquals(nearestBf16(value), stored(KvType.BFLOAT16, value), "of " + value);
      assertEquals(value, stored(KvType.FLOAT32, value));
    }
    assertEquals(448, E4m3.toFloat(E4m3.ofFloat(1e9f)));
    assertEquals(-448, E4m3.toFloat(E4m3.ofFloat(Float.NEGATIVE_INFINITY)));
    assertTrue(Float.isNaN(E4m3.toFloat(E4m3.ofFloat(Float.NaN))));
    assertTrue(Float.isNaN(stored(KvType.BFLOAT16, Float.intBitsToFloat(0x7FFFFFFF))));
    // Half way between two neighbours: the even one.
    assertEquals(16, E4m3.toFloat(E4m3.ofFloat(17)));
    assertEquals(20, E4m3.toFloat(E4m3.ofFloat(19)));
  }

  @ParameterizedTest
  @EnumSource(KvType.class)
  void attentionReadsWhatIsStored(KvType type) {
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 40; i++) {
      AttentionShape shape = new AttentionShape(2, 1, 2 * random.nextInt(1, 70), 0.3f);
      attend(random, type, shape, random.nextInt(1, 100), type + " case " + i);
    }
  }

  private static void attend(
      SplittableRandom random, KvType type, AttentionShape shape, int length, String message) {
    int dim = shape.headDim();
    KvLayout layout = new KvLayout(new int[1], 1, dim, 16, type);
    KvScale scale = new KvScale(0.37f, 1.9f);
    KvScale used = type == KvType.FP8 ? scale : KvScale.ONE;
    float[] query = gaussian(random, 2 * dim);
    float[][] keys = new float[length][];
    float[][] values = new float[length][];
    try (Arena arena = Arena.ofConfined()) {
      KvLayer[] layers = new KvLayer[1];
      CpuKvCache cache = new CpuKvCache(arena, layout, 0, 20);
      cache.putLayers(List.of(scale), layers);
      CpuKvCache.Layer layer = CpuKvCache.Layer.of(layers[0]);
      int[] table = new int[10];
      for (int position = 0; position < length; position++) {
        int block = 1 + 2 * (position / 16);
        table[position / 16] = block;
        cache.provide(new int[] {block * 16});
        keys[position] = gaussian(random, dim);
        values[position] = gaussian(random, dim);
        for (int d = 0; d < dim; d++) {
          long place = position % 16;
          cache
              .elements()
              .set(
                  cache.chunk(block),
                  layer.keys(block, 0) + d * 16L + place,
                  keys[position][d] / used.key());
          cache
              .elements()
              .set(
                  cache.chunk(block),
                  layer.values(block, 0) + place * dim + d,
                  values[position][d] / used.value());
        }
      }
      float[] out = new float[dim];
      AttentionKernel kernel = new AttentionKernel();
      kernel.begin(layer, shape);
      kernel.run(query, dim, table, length, 1, 1, new AttentionScratch(), out, 0);
      double[] wanted = plain(query, dim, keys, values, type, used);
      for (int d = 0; d < dim; d++) {
        assertEquals(wanted[d], out[d], 2e-5, message + " dimension " + d);
      }
    }
  }

  private static double[] plain(
      float[] query, int queryAt, float[][] keys, float[][] values, KvType type, KvScale scale) {
    int dim = keys[0].length;
    double[] out = new double[dim];
    double sum = 0;
    for (int position = 0; position < keys.length; position++) {
      double score = 0;
      for (int d = 0; d < dim; d++) {
        double key = nearest(type, keys[position][d] / scale.key()) * (double) scale.key();
        score += query[queryAt + d] * key;
      }
      double weight = Math.exp(score * 0.3f);
      sum += weight;
      for (int d = 0; d < dim; d++) {
        out[d] +=
            weight * nearest(type, values[position][d] / scale.value()) * (double) scale.value();
      }
    }
    for (int d = 0; d < dim; d++) {
      out[d] /= sum;
    }
    return out;
  }

  private static float[] gaussian(SplittableRandom random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float stored(KvType type, float value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(4);
      KvElements.of(type).set(segment, 0, value);
      return KvElements.of(type).get(segment, 0);
    }
  }

  private static float nearest(KvType type, float value) {
    return switch (type) {
      case FLOAT32 -> value;
      case BFLOAT16 -> nearestBf16(value);
      case FP8 -> nearestFp8(value);
    };
  }

  /** Sign, four bits of exponent with bias 7, three of fraction. */
  private static float plainFp8(int code) {
    int exponent = code >> 3 & 15;
    double fraction = (code & 7) / 8.0;
    double magnitude =
        exponent == 0 ? fraction * Math.pow(2, -6) : (1 + fraction) * Math.pow(2, exponent - 7);
    return (float) (code < 128 ? magnitude : -magnitude);
  }

  private static float nearestFp8(float value) {
    int best = 0;
    for (int code = 0; code < 0x7F; code++) {
      double there = Math.abs(plainFp8(code) - (double) Math.abs(value));
      double before = Math.abs(plainFp8(best) - (double) Math.abs(value));
      if (there < before || (there == before && (code & 1) == 0)) {
        best = code;
      }
    }
    return Math.copySign(plainFp8(best), value);
  }

  private static float nearestBf16(float value) {
    float down = Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xFFFF0000);
    float up = Float.intBitsToFloat((Float.floatToRawIntBits(value) & 0xFFFF0000) + 0x10000);
    double toDown = Math.abs((double) value - down);
    double toUp = Math.abs((double) up - value);
    boolean downIsEven = (Float.floatToRawIntBits(down) & 0x10000) == 0;
    return toDown < toUp || (toDown == toUp && downIsEven) ? down : up;
  }
}
