package dev.kvasir.runtime.kvcache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random workloads over few different texts, step by step against {@link TestingTruth}. */
class KvCachePropertyTest {
  static List<Long> seeds() {
    return new SplittableRandom(3).longs(60, 0, 1_000_000).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void hitsOrderAndReadersAreAsTheTruthHasThem(long seed) {
    new Run(seed).run();
  }

  /** A sequence as the test knows it. */
  private static final class Reader {
    String text;
    int computed;
    BlockChain chain;
    SequenceBlocks blocks;
  }

  private static final class Run {
    private final String message;
    private final SplittableRandom random;
    private final int blockSize;
    private final List<PoolSize> pools = new ArrayList<>();
    private final List<TestingTruth> truth = new ArrayList<>();
    private final KvCacheManager cache;
    private final List<Reader> readers = new ArrayList<>();
    private int hits;

    Run(long seed) {
      message = "seed " + seed;
      random = new SplittableRandom(seed);
      blockSize = random.nextInt(1, 5);
      int groups = random.nextInt(1, 4);
      for (int g = 0; g < groups; g++) {
        int window = g == 0 && random.nextBoolean() ? 0 : random.nextInt(1, 20);
        pools.add(new PoolSize(window, random.nextInt(24, 60)));
        truth.add(new TestingTruth(pools.get(g), blockSize));
      }
      cache = new KvCacheManager(pools, blockSize, true);
    }

    void run() {
      for (int i = 0; i < 1500; i++) {
        switch (random.nextInt(6)) {
          case 0 -> admit();
          case 1 -> release();
          default -> advance();
        }
        check();
      }
      while (!readers.isEmpty()) {
        release();
        check();
      }
      assertTrue(hits > 0, "nothing was ever found, " + message);
      assertEquals(pools.stream().mapToInt(PoolSize::blocks).sum(), cache.freeBlocks(), message);
    }

    private String text() {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(1, 20);
      while (text.length() < length) {
        text.append(random.nextInt(4) > 0 ? 'a' : 'b');
      }
      return text.toString();
    }

    private void extend(Reader reader) {
      reader.chain.extend(reader.text.chars().toArray(), reader.text.length());
    }

    private void admit() {
      Reader reader = new Reader();
      reader.text = text();
      reader.chain = cache.chain(CacheSalt.NONE);
      extend(reader);
      reader.blocks =
          cache.admit(reader.chain, reader.text.length(), reader.text.length() - 1, readers.size());
      if (reader.blocks == null) {
        assertTrue(!readers.isEmpty(), "a lone sequence was not admitted, " + message);
        return;
      }
      int hit = longestHit(reader.text);
      assertEquals(hit * blockSize, reader.blocks.cachedTokens(), message);
      hits += hit;
      reader.computed = hit * blockSize;
      for (int g = 0; g < truth.size(); g++) {
        truth.get(g).take(reader.text, hit);
        allocate(reader, g, hit);
      }
      readers.add(reader);
    }

    private int longestHit(String text) {
      int hit = (text.length() - 1) / blockSize;
      while (!allCouldGoOn(text, hit)) {
        hit--;
      }
      return hit;
    }

    private boolean allCouldGoOn(String text, int hit) {
      return truth.stream().allMatch(group -> group.couldGoOn(text, hit));
    }

    /** The truth hands out what the table got since. */
    private void allocate(Reader reader, int g, int from) {
      BlockTable table = reader.blocks.table(g);
      for (int block = from; block < table.size(); block++) {
        assertEquals(truth.get(g).allocate(), table.block(block), message);
      }
    }

    private void advance() {
      if (readers.isEmpty()) {
        return;
      }
      Reader reader = readers.get(random.nextInt(readers.size()));
      trim(reader);
      long reachable = cache.reachable(reader.blocks, 0);
      if (reader.computed == reader.text.length()) {
        reader.text += random.nextBoolean() ? 'a' : 'b';
        extend(reader);
      }
      int most = (int) Math.min(reachable, reader.text.length());
      if (most > reader.computed) {
        compute(reader, random.nextInt(reader.computed, most) + 1);
      }
    }

    private void trim(Reader reader) {
      for (int g = 0; g < truth.size(); g++) {
        BlockTable table = reader.blocks.table(g);
        int visible = Math.min(truth.get(g).firstVisible(reader.computed), table.size());
        for (int block = visible - 1; block >= table.first(); block--) {
          truth.get(g).release(table.block(block));
        }
      }
      cache.trim(reader.blocks, reader.computed);
    }

    private void compute(Reader reader, int end) {
      int[] sizes = new int[truth.size()];
      for (int g = 0; g < sizes.length; g++) {
        sizes[g] = reader.blocks.table(g).size();
      }
      cache.grow(reader.blocks, end);
      cache.publish(reader.blocks, reader.chain, end);
      for (int g = 0; g < sizes.length; g++) {
        allocate(reader, g, sizes[g]);
        for (int block = reader.computed / blockSize; block < end / blockSize; block++) {
          truth.get(g).publish(reader.text, block, reader.blocks.table(g).block(block));
        }
      }
      reader.computed = end;
    }

    private void release() {
      if (readers.isEmpty()) {
        return;
      }
      Reader reader = readers.remove(random.nextInt(readers.size()));
      for (int g = 0; g < truth.size(); g++) {
        BlockTable table = reader.blocks.table(g);
        for (int block = table.size() - 1; block >= table.first(); block--) {
          truth.get(g).release(table.block(block));
        }
      }
      cache.release(reader.blocks);
    }

    private void check() {
      cache.checkIntegrity();
      int cached = 0;
      for (int g = 0; g < truth.size(); g++) {
        TestingTruth group = truth.get(g);
        assertArrayEquals(
            group.free.stream().mapToInt(Integer::intValue).toArray(),
            cache.freeInOrder(g),
            message);
        cached += (int) group.free.stream().filter(group.contentOf::containsKey).count();
        checkReaders(g, group);
      }
      assertEquals(cached, cache.cachedBlocks(), message);
    }

    /** Whoever has a row to come holds what it sees, and shares only what nobody writes again. */
    private void checkReaders(int g, TestingTruth group) {
      Map<Integer, Integer> shared = new HashMap<>();
      for (Reader reader : readers) {
        BlockTable table = reader.blocks.table(g);
        assertTrue(table.first() <= group.firstVisible(reader.computed), message);
        for (int block = table.first(); block < table.size(); block++) {
          shared.merge(table.block(block), 1, Integer::sum);
        }
      }
      for (Reader reader : readers) {
        BlockTable table = reader.blocks.table(g);
        for (int block = table.first(); block < table.size(); block++) {
          boolean written = (block + 1) * blockSize > reader.computed;
          assertTrue(!written || shared.get(table.block(block)) == 1, "shared, " + message);
          String content = group.contentOf.get(table.block(block));
          if (content != null) {
            assertTrue(reader.text.startsWith(content), "wrong content, " + message);
          }
        }
      }
    }
  }
}
