package dev.kvasir.e2e.proxy;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Chooses the backend with the fewest requests under way; among equals, the one that was chosen
 * longest ago.
 */
final class Backends {
  private final Supplier<List<Backend>> ready;
  private final Map<Backend, Integer> running = new HashMap<>();
  private final Map<Backend, Long> lastChosen = new HashMap<>();
  private long choices;

  Backends(Supplier<List<Backend>> ready) {
    this.ready = ready;
  }

  /** The request counts as running until {@link #release}. */
  synchronized Optional<Backend> acquire(Set<Backend> except) {
    List<Backend> candidates = ready.get();
    lastChosen.keySet().retainAll(candidates);
    Optional<Backend> chosen =
        candidates.stream()
            .filter(backend -> !except.contains(backend))
            .min(
                Comparator.comparingInt(this::running)
                    .thenComparingLong(b -> lastChosen.getOrDefault(b, 0L)));
    chosen.ifPresent(backend -> {
      running.merge(backend, 1, Integer::sum);
      lastChosen.put(backend, ++choices);
    });
    return chosen;
  }

  synchronized void release(Backend backend) {
    running.computeIfPresent(backend, (key, count) -> count == 1 ? null : count - 1);
  }

  private int running(Backend backend) {
    return running.getOrDefault(backend, 0);
  }
}
