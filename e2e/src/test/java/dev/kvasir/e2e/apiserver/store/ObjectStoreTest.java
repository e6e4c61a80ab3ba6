package dev.kvasir.e2e.apiserver.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ObjectStoreTest {
  private static final String PODS = "pods";

  private final ObjectStore store = new ObjectStore();

  /** Whoever lists and then follows sees exactly what is there in the end. */
  @Test
  void aListAndAWatchFromItLeadToTheSameObjects() throws InterruptedException {
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ObjectStore world = new ObjectStore();
      change(world, random, 20);
      ObjectStore.Snapshot snapshot = world.list(PODS);
      change(world, random, 20);
      Map<ObjectKey, String> seen = new TreeMap<>();
      snapshot.objects().forEach(o -> seen.put(ObjectKey.of(o), o.resourceVersion()));
      try (Watcher watcher = world.watchFrom(PODS, snapshot.version())) {
        change(world, random, 20);
        follow(watcher, seen);
      }
      Map<ObjectKey, String> expected = new TreeMap<>();
      world.list(PODS).objects().forEach(o -> expected.put(ObjectKey.of(o), o.resourceVersion()));
      assertEquals(expected, seen, "seed " + seed);
    }
  }

  @Test
  void everyWriteTakesTheNextVersion() {
    String first = store.put(PODS, pod("a")).resourceVersion();
    String second = store.put("nodes", pod("b")).resourceVersion();
    assertEquals(Long.parseLong(first) + 1, Long.parseLong(second));
    KubeObject last = store.remove(PODS, new ObjectKey("", "a")).orElseThrow();
    assertEquals(Long.parseLong(second) + 1, Long.parseLong(last.resourceVersion()));
    assertEquals(Optional.empty(), store.remove(PODS, new ObjectKey("", "a")));
  }

  @Test
  void aVersionThatIsForgottenIsExpired() {
    for (int i = 0; i < 20_010; i++) {
      store.put(PODS, pod("a"));
    }
    ApiException refusal = assertThrows(ApiException.class, () -> store.watchFrom(PODS, 3));
    assertEquals(410, refusal.code());
    try (Watcher watcher = store.watchFrom(PODS, store.version())) {
      assertFalse(watcher.cutOff());
    }
  }

  @Test
  void aReaderThatFallsBehindIsCutOff() throws InterruptedException {
    try (Watcher watcher = store.watch(PODS)) {
      for (int i = 0; i < 10_001; i++) {
        store.put(PODS, pod("a"));
      }
      List<StoreEvent> events = new ArrayList<>();
      while (!watcher.cutOff()) {
        watcher.next(Duration.ofSeconds(1)).ifPresent(events::add);
      }
      assertEquals(10_000, events.size());
    }
  }

  @Test
  void closingEndsEveryWatch() {
    Watcher watcher = store.watch(PODS);
    store.close();
    assertTrue(watcher.cutOff());
    assertThrows(ApiException.class, () -> store.watch(PODS));
  }

  private static void follow(Watcher watcher, Map<ObjectKey, String> seen)
      throws InterruptedException {
    for (Optional<StoreEvent> next = watcher.next(Duration.ZERO);
        next.isPresent();
        next = watcher.next(Duration.ZERO)) {
      StoreEvent event = next.get();
      event.before().ifPresent(o -> seen.remove(ObjectKey.of(o)));
      event.after().ifPresent(o -> seen.put(ObjectKey.of(o), o.resourceVersion()));
    }
  }

  private static void change(ObjectStore store, SplittableRandom random, int times) {
    for (int i = 0; i < times; i++) {
      String name = "p" + random.nextInt(6);
      if (random.nextInt(3) == 0) {
        var _ = store.remove(PODS, new ObjectKey("", name));
      } else {
        store.put(random.nextInt(5) == 0 ? "nodes" : PODS, pod(name));
      }
    }
  }

  private static KubeObject pod(String name) {
    return TestingJson.object("{metadata: {name: " + name + "}}");
  }
}
