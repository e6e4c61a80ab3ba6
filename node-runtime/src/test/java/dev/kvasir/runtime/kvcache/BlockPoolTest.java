package dev.kvasir.runtime.kvcache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class BlockPoolTest {
  @Test
  void aSharedBlockIsFreeOnlyWhenItsLastHolderLetsGo() {
    BlockPool pool = new BlockPool(2);
    int block = pool.allocate();
    pool.retain(block);

    pool.release(block);
    assertEquals(1, pool.free());
    pool.release(block);

    assertEquals(2, pool.free());
    pool.checkFreeList();
  }

  @Test
  void aBlockThatHoldsNothingIsReusedBeforeOneThatDoes() {
    BlockPool pool = new BlockPool(3);
    BlockHash hash = new BlockHash(1, 2);
    int useful = pool.allocate();
    int empty = pool.allocate();
    pool.publish(useful, hash);
    pool.release(useful);
    pool.release(empty);

    assertEquals(empty, pool.allocate());
    assertEquals(3, pool.allocate());
    assertEquals(useful, pool.find(hash));
    assertEquals(useful, pool.allocate());
    assertEquals(BlockPool.NONE, pool.find(hash));
    pool.checkFreeList();
  }

  @Test
  void thePaddingBlockIsNeverHandedOut() {
    BlockPool pool = new BlockPool(3);
    for (int i = 0; i < 3; i++) {
      assertEquals(i + 1, pool.allocate());
    }
    assertEquals(BlockPool.NONE, pool.allocate());
  }

  @Test
  void releasingWhatNobodyHoldsIsAnError() {
    BlockPool pool = new BlockPool(1);

    assertThrows(KvIntegrityException.class, () -> pool.release(1));
    assertThrows(KvIntegrityException.class, () -> pool.release(BlockPool.PADDING_BLOCK));
    assertThrows(KvIntegrityException.class, () -> pool.retain(7));
  }
}
