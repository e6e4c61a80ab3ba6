package dev.kvasir.operator.gateway;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A deployment's replicas and the requests that wait for one. All methods hold this object's lock,
 * and call nobody under it.
 */
final class Pool {
  /** How long a replica that could not be reached is left alone, if there is no news of it. */
  private static final long SHUN_NANOS = 1_000_000_000L;

  /** What came of asking for a replica. */
  sealed interface Admission {}

  record Taken(Lane lane) implements Admission {}

  record Held() implements Admission {}

  record Full(int held) implements Admission {}

  private final Map<Endpoint, Lane> lanes = new HashMap<>();
  private final Map<Waiter, Long> waiting = new LinkedHashMap<>();
  private final int maxHeld;
  private long turns;
  private long heldTokens;

  Pool(int maxHeld) {
    this.maxHeld = maxHeld;
  }

  /** Gives a replica, or lets the request wait in line until there is one. */
  synchronized Admission takeOrHold(Waiter waiter, Set<Endpoint> avoid, long now) {
    Optional<Lane> lane = take(avoid, now);
    if (lane.isPresent()) {
      leave(waiter);
      return new Taken(lane.get());
    }
    if (waiting.containsKey(waiter)) {
      return new Held();
    }
    if (waiting.size() >= maxHeld) {
      return new Full(waiting.size());
    }
    waiting.put(waiter, waiter.promptTokens());
    heldTokens += waiter.promptTokens();
    return new Held();
  }

  /** Gives a replica if one can be had now. */
  synchronized Optional<Lane> take(Set<Endpoint> avoid, long now) {
    Optional<Lane> picked = LeastRunning.pick(usable(avoid, now));
    picked.ifPresent(lane -> lane.pick(++turns));
    return picked;
  }

  /** Whether there is one that may be taken now besides those. */
  synchronized boolean hasOther(Set<Endpoint> avoid, long now) {
    return usable(avoid, now).findAny().isPresent();
  }

  private Stream<Lane> usable(Set<Endpoint> avoid, long now) {
    return lanes.values().stream()
        .filter(Lane::isReady)
        .filter(lane -> !lane.isShunned(now))
        .filter(lane -> !avoid.contains(lane.endpoint()));
  }

  synchronized void release(Lane lane) {
    lane.release();
    if (!lane.isReady() && lane.inFlight() == 0) {
      lanes.remove(lane.endpoint(), lane);
    }
  }

  synchronized void shun(Lane lane, long now) {
    lane.shunUntil(now + SHUN_NANOS);
  }

  synchronized void leave(Waiter waiter) {
    Long tokens = waiting.remove(waiter);
    heldTokens -= tokens == null ? 0 : tokens;
  }

  /** Takes in which replicas are ready now; returns who waits, if there is one to wait for. */
  synchronized List<Waiter> update(List<Endpoint> ready) {
    lanes.values().forEach(lane -> lane.setReady(ready.contains(lane.endpoint())));
    lanes.values().removeIf(lane -> !lane.isReady() && lane.inFlight() == 0);
    ready.forEach(endpoint -> lanes.computeIfAbsent(endpoint, Lane::new));
    return ready.isEmpty() ? List.of() : waiters();
  }

  synchronized List<Waiter> waiters() {
    return new ArrayList<>(waiting.keySet());
  }

  synchronized int held() {
    return waiting.size();
  }

  synchronized long heldPromptTokens() {
    return heldTokens;
  }

  synchronized int inFlight() {
    return lanes.values().stream().mapToInt(Lane::inFlight).sum();
  }
}
