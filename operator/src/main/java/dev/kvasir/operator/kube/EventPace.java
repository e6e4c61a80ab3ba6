package dev.kvasir.operator.kube;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the scaler from flooding a resource with Events: one a minute and reason. */
public final class EventPace {
  private static final Duration APART = Duration.ofMinutes(1);
  private static final Set<EventReason> PACED =
      Set.of(
          EventReason.SCALING_UP,
          EventReason.SCALING_DOWN,
          EventReason.SCALING_STEADY,
          EventReason.SCALING_HELD);

  private final Map<String, Instant> told = new ConcurrentHashMap<>();

  /** Whether an Event may be written now; it is taken to be written then. */
  public boolean allows(String uid, EventReason reason, Instant now) {
    if (!PACED.contains(reason)) {
      return true;
    }
    told.values().removeIf(last -> !last.plus(APART).isAfter(now));
    return told.putIfAbsent(uid + reason, now) == null;
  }
}
