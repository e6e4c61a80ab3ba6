package dev.kvasir.runtime.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KvCacheManagerTest {
  private static final int BLOCK_SIZE = 16;

  @Test
  void whatDoesNotFitChangesNothing() {
    KvCacheManager cache = new KvCacheManager(4, BLOCK_SIZE);
    BlockTable table = cache.open();
    assertTrue(cache.grow(table, 33));
    assertEquals(3, table.size());

    assertFalse(cache.grow(table, 81));

    assertEquals(3, table.size());
    assertEquals(1, cache.freeBlocks());
    cache.checkIntegrity();
  }

  @Test
  void releasingTwiceIsAnError() {
    KvCacheManager cache = new KvCacheManager(4, BLOCK_SIZE);
    BlockTable table = cache.open();
    cache.release(table);

    assertThrows(KvIntegrityException.class, () -> cache.release(table));
  }

  @Test
  void aTableThatGrewKeepsTheArrayOfAStepInFlight() {
    KvCacheManager cache = new KvCacheManager(64, 1);
    BlockTable table = cache.open();
    cache.grow(table, 8);
    int[] inFlight = table.array();
    int[] before = inFlight.clone();

    cache.grow(table, 40);

    org.junit.jupiter.api.Assertions.assertArrayEquals(before, inFlight);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void booksBalanceWhateverHappens(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int blocks = random.nextInt(1, 60);
    KvCacheManager cache = new KvCacheManager(blocks, BLOCK_SIZE);
    List<BlockTable> open = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      if (open.isEmpty() || random.nextInt(4) == 0) {
        open.add(cache.open());
      } else if (random.nextInt(3) > 0) {
        growSome(cache, open.get(random.nextInt(open.size())), random, seed);
      } else {
        cache.release(open.remove(random.nextInt(open.size())));
      }
      cache.checkIntegrity();
      requireDistinctBlocks(open, blocks, cache, seed);
    }
    open.forEach(cache::release);
    assertEquals(blocks, cache.freeBlocks(), "seed " + seed);
  }

  private static void growSome(
      KvCacheManager cache, BlockTable table, SplittableRandom random, long seed) {
    int tokens = table.size() * BLOCK_SIZE + random.nextInt(100);
    boolean fits = cache.blocksFor(tokens) - table.size() <= cache.freeBlocks();
    assertEquals(fits, cache.grow(table, tokens), "seed " + seed);
  }

  private static void requireDistinctBlocks(
      List<BlockTable> open, int blocks, KvCacheManager cache, long seed) {
    Set<Integer> seen = new HashSet<>();
    for (BlockTable table : open) {
      for (int i = 0; i < table.size(); i++) {
        int block = table.block(i);
        assertTrue(block > BlockPool.PADDING_BLOCK && block <= blocks, "seed " + seed);
        assertTrue(seen.add(block), "block " + block + " handed out twice, seed " + seed);
      }
    }
    assertEquals(seen.size(), cache.usedBlocks(), "seed " + seed);
  }
}
