package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  @Test
  void everyItemIsDoneOnceBeforeTheLoopReturns() {
    SplittableRandom random = new SplittableRandom(1);
    try (WorkerPool pool = new WorkerPool(4)) {
      for (int i = 0; i < 3_000; i++) {
        int items = random.nextInt(0, 500);
        int grain = random.nextInt(1, 40);
        AtomicIntegerArray done = new AtomicIntegerArray(items);
        pool.forEach(
            items,
            grain,
            (worker, from, to) -> {
              assertTrue(worker >= 0 && worker < 4);
              for (int item = from; item < to; item++) {
                done.incrementAndGet(item);
              }
            });
        for (int item = 0; item < items; item++) {
          assertEquals(1, done.get(item), "loop " + i + " item " + item);
        }
      }
    }
  }

  @Test
  void aFailureReachesTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int i = 0; i < 50; i++) {
        assertThrows(
            IllegalStateException.class,
            () ->
                pool.forEach(
                    100,
                    1,
                    (worker, from, to) -> {
                      throw new IllegalStateException("no");
                    }));
        int[] sum = new int[3 * 16];
        pool.forEach(100, 1, (worker, from, to) -> sum[worker * 16] += to - from);
        assertEquals(100, sum[0] + sum[16] + sum[32]);
      }
    }
  }
}
