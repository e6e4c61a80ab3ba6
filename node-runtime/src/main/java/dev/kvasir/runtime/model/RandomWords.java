package dev.kvasir.runtime.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

/** A stretch of random memory, made once, of which each name gets a piece from anywhere. */
final class RandomWords {
  private static final long CHUNK_WORDS = 1 << 17;

  private static final int ALIGNMENT = 64;

  /** Larger than what processors keep: a model's pieces are not to be found in their caches. */
  private static final long ENOUGH_BYTES = 512L << 20;

  private final Arena arena;
  private final long seed;
  private final long least;
  private final LongUnaryOperator form;
  private MemorySegment memory = MemorySegment.NULL;

  /**
   * @param all bytes of the pieces together
   * @param form makes 64 random bits into elements
   */
  RandomWords(Arena arena, long seed, long all, LongUnaryOperator form) {
    this.arena = arena;
    this.seed = seed;
    this.least = Math.min(all, ENOUGH_BYTES);
    this.form = form;
  }

  MemorySegment slice(String name, long bytes) {
    if (memory.byteSize() < bytes) {
      long size = Math.max(bytes, least);
      memory = arena.allocate((size + 7) / 8 * 8, ALIGNMENT);
      fill();
    }
    long places = (memory.byteSize() - bytes) / ALIGNMENT + 1;
    return memory.asSlice(Math.floorMod(hash(name), places) * ALIGNMENT, bytes);
  }

  private long hash(String name) {
    return ((name.hashCode() * 0x9E3779B97F4A7C15L) >>> 20) ^ seed;
  }

  private void fill() {
    long words = memory.byteSize() / 8;
    LongStream.rangeClosed(0, (words - 1) / CHUNK_WORDS)
        .parallel()
        .forEach(chunk -> fill(chunk, Math.min(words, (chunk + 1) * CHUNK_WORDS)));
  }

  private void fill(long chunk, long end) {
    long state = ((seed * 0x9E3779B97F4A7C15L) ^ ((chunk + 1) * 0xD1342543DE82EF95L)) | 1;
    for (long i = chunk * CHUNK_WORDS; i < end; i++) {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      memory.setAtIndex(ValueLayout.JAVA_LONG, i, form.applyAsLong(state));
    }
  }
}
