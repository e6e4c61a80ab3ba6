package dev.kvasir.runtime.kvcache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KvCacheManagerTest {
  private static final int BLOCK_SIZE = 16;

  private static KvCacheManager cache(PoolSize... pools) {
    return new KvCacheManager(List.of(pools), BLOCK_SIZE, true);
  }

  private static KvCacheManager cache(int blocks) {
    return cache(new PoolSize(0, blocks));
  }

  private static int[] tokens(int count) {
    return IntStream.range(0, count).toArray();
  }

  private static BlockChain chain(KvCacheManager cache, int[] tokens, CacheSalt salt) {
    BlockChain chain = cache.chain(salt);
    chain.extend(tokens, tokens.length);
    return chain;
  }

  private static SequenceBlocks admit(KvCacheManager cache, int[] tokens) {
    return cache.admit(chain(cache, tokens, CacheSalt.NONE), tokens.length, tokens.length - 1, 0);
  }

  /** Takes a sequence in, computes it whole and lets it go. */
  private static int run(KvCacheManager cache, int[] tokens, CacheSalt salt) {
    BlockChain chain = chain(cache, tokens, salt);
    SequenceBlocks blocks = cache.admit(chain, tokens.length, tokens.length - 1, 0);
    cache.grow(blocks, tokens.length);
    cache.publish(blocks, chain, tokens.length);
    cache.release(blocks);
    cache.checkIntegrity();
    return blocks.cachedTokens();
  }

  @Test
  void whatDoesNotFitChangesNothing() {
    KvCacheManager cache = cache(4);
    SequenceBlocks first = admit(cache, tokens(33));
    assertEquals(3, first.table(0).size());

    assertNull(admit(cache, tokens(20)));

    assertEquals(1, cache.freeBlocks());
    assertEquals(64, cache.reachable(first, 0));
    assertThrows(KvIntegrityException.class, () -> cache.grow(first, 81));
  }

  @Test
  void anAdmissionLeavesBlocksForOthers() {
    KvCacheManager cache = cache(4);
    BlockChain chain = chain(cache, tokens(33), CacheSalt.NONE);

    assertNull(cache.admit(chain, 33, 32, 2));
    assertNotNull(cache.admit(chain, 33, 32, 1));
  }

  @Test
  void releasingTwiceIsAnError() {
    KvCacheManager cache = cache(4);
    SequenceBlocks blocks = admit(cache, tokens(5));
    cache.release(blocks);

    assertThrows(KvIntegrityException.class, () -> cache.release(blocks));
  }

  @Test
  void aTableThatGrewKeepsTheArrayOfAStepInFlight() {
    KvCacheManager cache = cache(64);
    SequenceBlocks blocks = admit(cache, tokens(8 * BLOCK_SIZE));
    int[] inFlight = blocks.table(0).array();
    int[] before = inFlight.clone();

    cache.grow(blocks, 40 * BLOCK_SIZE);

    assertArrayEquals(before, inFlight);
  }

  @Test
  void anEqualBeginningIsFoundInFullBlocksAndOneTokenIsLeft() {
    KvCacheManager cache = cache(64);
    assertEquals(0, run(cache, tokens(40), CacheSalt.NONE));

    assertEquals(32, run(cache, tokens(40), CacheSalt.NONE));
    assertEquals(32, run(cache, tokens(33), CacheSalt.NONE));
    // The last block is full too, but its last token's logits are wanted.
    assertEquals(16, run(cache, tokens(32), CacheSalt.NONE));
    assertEquals(16, run(cache, tokens(31), CacheSalt.NONE));
    int[] other = tokens(40);
    other[3] = 99;
    assertEquals(0, run(cache, other, CacheSalt.NONE));
  }

  @Test
  void onlyEqualSaltsShare() {
    KvCacheManager cache = cache(64);
    run(cache, tokens(40), new CacheSalt(0, "a"));

    assertEquals(0, run(cache, tokens(40), CacheSalt.NONE));
    assertEquals(0, run(cache, tokens(40), new CacheSalt(1, "a")));
    assertEquals(0, run(cache, tokens(40), new CacheSalt(0, "b")));
    assertEquals(32, run(cache, tokens(40), new CacheSalt(0, "a")));
  }

  @Test
  void theEndOfAChainIsReusedBeforeItsBeginning() {
    KvCacheManager cache = cache(6);
    run(cache, tokens(96), CacheSalt.NONE);
    int[] other = IntStream.range(500, 530).toArray();

    run(cache, other, CacheSalt.NONE);

    assertEquals(64, run(cache, tokens(96), CacheSalt.NONE));
  }

  @Test
  void nothingIsFoundWherePrefixesAreNotCached() {
    KvCacheManager cache = new KvCacheManager(List.of(new PoolSize(0, 64)), BLOCK_SIZE, false);
    run(cache, tokens(40), CacheSalt.NONE);

    assertEquals(0, run(cache, tokens(40), CacheSalt.NONE));
    assertEquals(0, cache.cachedBlocks());
  }

  @Test
  void whatIsWithdrawnIsNotFoundNorWhatItsSequenceAdds() {
    KvCacheManager cache = cache(64);
    run(cache, tokens(32), CacheSalt.NONE);
    BlockChain chain = chain(cache, tokens(64), CacheSalt.NONE);
    SequenceBlocks blocks = cache.admit(chain, 64, 63, 0);
    cache.publish(blocks, chain, 48);

    cache.withdraw(blocks);
    cache.publish(blocks, chain, 64);
    cache.release(blocks);

    assertEquals(0, run(cache, tokens(64), CacheSalt.NONE));
  }

  @Test
  void afterForgettingNothingIsFoundAndTheBooksAgree() {
    KvCacheManager cache = cache(64);
    run(cache, tokens(40), CacheSalt.NONE);
    BlockChain chain = chain(cache, tokens(64), CacheSalt.NONE);
    SequenceBlocks blocks = cache.admit(chain, 64, 63, 0);
    cache.publish(blocks, chain, 48);

    cache.forgetPrefixes();
    cache.publish(blocks, chain, 64);

    cache.checkIntegrity();
    assertEquals(0, cache.cachedBlocks());
    cache.release(blocks);
    assertEquals(0, run(cache, tokens(64), CacheSalt.NONE));
    assertEquals(63 / BLOCK_SIZE * BLOCK_SIZE, run(cache, tokens(64), CacheSalt.NONE));
  }

  @Test
  void aWindowKeepsWhatItSeesAndNoMore() {
    KvCacheManager cache = cache(new PoolSize(32, 4));
    SequenceBlocks blocks = admit(cache, tokens(1000));
    for (int computed = 0; computed < 1000; ) {
      cache.trim(blocks, computed);
      computed = (int) Math.min(1000, cache.reachable(blocks, 0));
      cache.grow(blocks, computed);
      assertTrue(cache.usedBlocks() <= 4);
      cache.checkIntegrity();
    }
    cache.trim(blocks, 1000);

    // Position 1000 sees from 969 on: blocks 60, 61 and 62.
    assertEquals(60, blocks.table(0).first());
    assertEquals(3, cache.usedBlocks());
  }

  @Test
  void aHitNeedsOnlyWhatTheWindowSees() {
    KvCacheManager cache = cache(new PoolSize(0, 100), new PoolSize(17, 3));
    BlockChain chain = chain(cache, tokens(160), CacheSalt.NONE);
    SequenceBlocks blocks = cache.admit(chain, 160, 159, 0);
    for (int end = 16; end <= 160; end += 16) {
      cache.trim(blocks, end - 16);
      cache.grow(blocks, end);
      cache.publish(blocks, chain, end);
    }
    cache.release(blocks);

    // The window's pool holds the last three blocks only; two of them suffice.
    assertEquals(144, run(cache, tokens(150), CacheSalt.NONE));
  }
}
