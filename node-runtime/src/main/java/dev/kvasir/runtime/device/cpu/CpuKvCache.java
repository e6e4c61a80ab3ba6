package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Keys and values of one KV group, in blocks. A chunk holds some blocks of all the group's layers
 * and takes memory when one of them is first written, so an idle server is small. Within a block
 * and head, keys are stored dimension by dimension (a vector then holds as many positions) and
 * values position by position. Places are counted in elements.
 */
final class CpuKvCache {
  private static final long CHUNK_BYTES = 8 << 20;

  private final Arena arena;
  private final KvLayout layout;
  private final int group;
  private final int chunkShift;
  private final MemorySegment[] chunks;

  private final KvElements elements;

  /** One head's keys, or values, in one block. */
  private final long headSize;

  private final long layerSize;
  private final long blockSize;

  /**
   * @param blocks the reserved padding block included
   */
  CpuKvCache(Arena arena, KvLayout layout, int group, int blocks) {
    this.arena = arena;
    this.layout = layout;
    this.group = group;
    this.elements = KvElements.of(layout.type());
    this.headSize = (long) layout.blockSize() * layout.headDim();
    this.layerSize = 2 * headSize * layout.kvHeads();
    this.blockSize = layerSize * layout.layersOf(group).length;
    long perChunk = Math.max(1, CHUNK_BYTES / blockBytes(layout, group));
    this.chunkShift = 63 - Long.numberOfLeadingZeros(perChunk);
    this.chunks = new MemorySegment[Math.ceilDiv(blocks, 1 << chunkShift)];
  }

  static long blockBytes(KvLayout layout, int group) {
    return 2L
        * layout.type().bytes()
        * layout.blockSize()
        * layout.headDim()
        * layout.kvHeads()
        * layout.layersOf(group).length;
  }

  /** Puts the views of the group's layers in their places among all layers. */
  void putLayers(List<KvScale> scales, KvLayer[] layers) {
    int index = 0;
    for (int layer : layout.layersOf(group)) {
      KvScale scale = layout.type() == KvType.FP8 ? scales.get(layer) : KvScale.ONE;
      layers[layer] = new Layer(this, index++, scale);
    }
  }

  int blockSize() {
    return layout.blockSize();
  }

  KvElements elements() {
    return elements;
  }

  /** Gives memory to the blocks of these slots, on the engine's thread. */
  void provide(int[] slots) {
    for (int slot : slots) {
      int chunk = (slot / layout.blockSize()) >> chunkShift;
      if (chunks[chunk] == null) {
        long bytes = (blockSize << chunkShift) * layout.type().bytes();
        chunks[chunk] = arena.allocate(bytes + KvElements.SLACK, 64);
      }
    }
  }

  MemorySegment chunk(int block) {
    return chunks[block >> chunkShift];
  }

  private long blockOffset(int block) {
    return (block & ((1 << chunkShift) - 1)) * blockSize;
  }

  /**
   * One layer's part of every block.
   *
   * @param index among the group's layers
   */
  record Layer(CpuKvCache cache, int index, KvScale scale) implements KvLayer {
    static Layer of(KvLayer layer) {
      return (Layer) layer;
    }

    int group() {
      return cache.group;
    }

    long keys(int block, int head) {
      return cache.blockOffset(block) + index * cache.layerSize + head * cache.headSize;
    }

    long values(int block, int head) {
      return keys(block, head) + cache.layout.kvHeads() * cache.headSize;
    }
  }
}
