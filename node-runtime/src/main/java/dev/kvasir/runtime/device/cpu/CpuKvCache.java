package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keys and values as float32 in blocks. A chunk holds some blocks of all layers and takes memory
 * when one of them is first written, so an idle server is small. Within a block and head, keys are
 * stored dimension by dimension (a vector then holds as many positions) and values position by
 * position.
 */
final class CpuKvCache {
  private static final long CHUNK_BYTES = 8 << 20;

  private final Arena arena;
  private final KvLayout layout;
  private final int chunkShift;
  private final MemorySegment[] chunks;

  /** Bytes of one head's keys, or values, in one block. */
  private final long headBytes;

  private final long layerBytes;
  private final long blockBytes;

  CpuKvCache(Arena arena, KvLayout layout) {
    this.arena = arena;
    this.layout = layout;
    this.headBytes = 4L * layout.blockSize() * layout.headDim();
    this.layerBytes = 2 * headBytes * layout.kvHeads();
    this.blockBytes = layerBytes * layout.layers();
    long perChunk = Math.max(1, CHUNK_BYTES / blockBytes);
    this.chunkShift = 63 - Long.numberOfLeadingZeros(perChunk);
    this.chunks = new MemorySegment[Math.ceilDiv(layout.blocks(), 1 << chunkShift)];
  }

  static long bytesPerBlock(KvLayout layout) {
    return 4L * 2 * layout.blockSize() * layout.headDim() * layout.kvHeads() * layout.layers();
  }

  List<KvLayer> layers() {
    return IntStream.range(0, layout.layers()).<KvLayer>mapToObj(i -> new Layer(this, i)).toList();
  }

  int blockSize() {
    return layout.blockSize();
  }

  /** Gives memory to the blocks of these slots, on the engine's thread. */
  void provide(int[] slots) {
    for (int slot : slots) {
      int chunk = (slot / layout.blockSize()) >> chunkShift;
      if (chunks[chunk] == null) {
        chunks[chunk] = arena.allocate(blockBytes << chunkShift, 64);
      }
    }
  }

  MemorySegment chunk(int block) {
    return chunks[block >> chunkShift];
  }

  private long blockOffset(int block) {
    return (block & ((1 << chunkShift) - 1)) * blockBytes;
  }

  /** One layer's part of every block. */
  record Layer(CpuKvCache cache, int index) implements KvLayer {
    static Layer of(KvLayer layer) {
      return (Layer) layer;
    }

    int group() {
      return cache.layout.groups()[index];
    }

    long keys(int block, int head) {
      return cache.blockOffset(block) + index * cache.layerBytes + head * cache.headBytes;
    }

    long values(int block, int head) {
      return keys(block, head) + cache.layout.kvHeads() * cache.headBytes;
    }
  }
}
