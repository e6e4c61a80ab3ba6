package dev.kvasir.operator.console;

import dev.kvasir.operator.telemetry.DeploymentKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The last minutes of every deployment, so that a page that is opened now has charts. */
final class History {
  /** Ten minutes of one take 25 KB; further deployments have no charts. */
  static final int MOST_DEPLOYMENTS = 1000;

  private final int kept;
  private final Map<DeploymentKey, Deque<Sample>> samples = new HashMap<>();

  /**
   * @param kept samples of each deployment
   */
  History(int kept) {
    this.kept = kept;
  }

  /** Takes in how things are now; those that are gone are forgotten. */
  synchronized void add(long at, List<Row> rows) {
    samples.keySet().retainAll(rows.stream().map(Row::key).collect(Collectors.toSet()));
    for (Row row : rows) {
      if (samples.containsKey(row.key()) || samples.size() < MOST_DEPLOYMENTS) {
        add(samples.computeIfAbsent(row.key(), key -> new ArrayDeque<>()), Sample.of(at, row));
      }
    }
  }

  private void add(Deque<Sample> ring, Sample sample) {
    if (ring.size() == kept) {
      ring.removeFirst();
    }
    ring.addLast(sample);
  }

  /** What came after a time, the oldest first. */
  synchronized List<Sample> after(DeploymentKey key, long time) {
    return samples.getOrDefault(key, new ArrayDeque<>()).stream()
        .filter(sample -> sample.at() > time)
        .toList();
  }
}
