package dev.kvasir.operator.gateway;

import dev.kvasir.operator.telemetry.DeploymentKey;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The catalog of the moment, and a {@link Pool} for each deployment in it. */
final class Pools {
  private final Map<DeploymentKey, Pool> pools = new ConcurrentHashMap<>();
  private final int maxHeld;
  private volatile Catalog catalog = Catalog.EMPTY;
  private volatile boolean known;

  Pools(int maxHeld) {
    this.maxHeld = maxHeld;
  }

  Catalog catalog() {
    return catalog;
  }

  /** Whether the cluster has been looked at. */
  boolean isKnown() {
    return known;
  }

  Pool pool(DeploymentKey key) {
    return pools.computeIfAbsent(key, k -> new Pool(maxHeld));
  }

  /** Called by one thread. Who waits is woken where its deployment has a replica or is gone. */
  void update(Catalog now) {
    catalog = now;
    known = true;
    now.all().forEach(served -> wake(pool(served.key()).update(served.ready())));
    pools.forEach((key, pool) -> {
      if (now.get(key).isEmpty()) {
        wake(pool.update(List.of()));
        wake(pool.waiters());
        pools.computeIfPresent(key, (k, p) -> p.held() == 0 && p.inFlight() == 0 ? null : p);
      }
    });
  }

  private static void wake(List<Waiter> waiters) {
    waiters.forEach(Waiter::wake);
  }

  void forEach(Consumer<Map.Entry<DeploymentKey, Pool>> action) {
    pools.entrySet().forEach(action);
  }
}
