package dev.kvasir.operator.telemetry;

import dev.kvasir.operator.telemetry.Held.Holder;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Those who hold requests while a deployment has no pod. A name stands for all of its addresses, so
 * that a headless Service is read as a whole.
 */
final class Holders {
  private static final Set<String> NAMES =
      Set.of("kvasir_held_requests", "kvasir_held_prompt_tokens");

  private final List<URI> configured;
  private final Duration staleAfter;
  private Map<DeploymentKey, double[]> held = Map.of();
  private Optional<Instant> readAt = Optional.empty();

  Holders(List<URI> configured, Duration staleAfter) {
    this.configured = List.copyOf(configured);
    this.staleAfter = staleAfter;
  }

  /** What to read now: a page for each address. */
  List<URI> addresses() {
    List<URI> all = new ArrayList<>();
    for (URI each : configured) {
      try {
        for (InetAddress address : InetAddress.getAllByName(each.getHost())) {
          all.add(at(each, address));
        }
      } catch (UnknownHostException e) {
        // Reading it by its name fails too, and that is counted.
        all.add(each);
      }
    }
    return all;
  }

  private static URI at(URI page, InetAddress address) {
    String ip = address.getHostAddress();
    String host = ip.contains(":") ? "[" + ip + "]" : ip;
    return URI.create(
        "%s://%s%s%s"
            .formatted(
                page.getScheme(),
                host,
                page.getPort() < 0 ? "" : ":" + page.getPort(),
                page.getRawPath()));
  }

  static MetricsText parse(String page) {
    return MetricsText.parse(page, NAMES::contains);
  }

  /** Takes in a round's pages: only all of them together are the truth. */
  void take(List<Scrape.Result<MetricsText>> pages, Instant now) {
    if (configured.isEmpty() || pages.stream().anyMatch(page -> page.value() == null)) {
      return;
    }
    Map<DeploymentKey, double[]> sums = new HashMap<>();
    for (Scrape.Result<MetricsText> page : pages) {
      add(page.value().samples("kvasir_held_requests"), 0, sums);
      add(page.value().samples("kvasir_held_prompt_tokens"), 1, sums);
    }
    held = sums;
    readAt = Optional.of(now);
  }

  private static void add(
      List<MetricsText.Sample> samples, int place, Map<DeploymentKey, double[]> sums) {
    for (MetricsText.Sample sample : samples) {
      DeploymentKey key =
          new DeploymentKey(sample.labels().get("namespace"), sample.labels().get("deployment"));
      sums.computeIfAbsent(key, k -> new double[2])[place] += sample.value();
    }
  }

  Held of(DeploymentKey key, Instant now) {
    if (configured.isEmpty()) {
      return new Held(Holder.NONE, 0, 0);
    }
    double[] sum = held.getOrDefault(key, new double[2]);
    boolean fresh = readAt.filter(at -> !at.plus(staleAfter).isBefore(now)).isPresent();
    return fresh ? new Held(Holder.THERE, sum[0], sum[1]) : new Held(Holder.SILENT, 0, 0);
  }
}
