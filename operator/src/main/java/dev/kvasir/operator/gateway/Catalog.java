package dev.kvasir.operator.gateway;

import dev.kvasir.operator.telemetry.DeploymentKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which deployment a model name means: a {@code namespace/name} that exists is that deployment,
 * whatever others call their models; any other name is the one deployment that serves it.
 */
final class Catalog {
  static final Catalog EMPTY = new Catalog(List.of());

  /** What a name stands for. */
  sealed interface Meaning {}

  record Found(Served served) implements Meaning {}

  record Unknown() implements Meaning {}

  /** Several deployments serve this name. */
  record Ambiguous(List<DeploymentKey> keys) implements Meaning {
    Ambiguous {
      keys = List.copyOf(keys);
    }
  }

  private final Map<String, Served> byAddress = new TreeMap<>();
  private final Map<String, List<Served>> byModel = new TreeMap<>();

  Catalog(Collection<Served> deployments) {
    deployments.stream()
        .sorted(Comparator.comparing(served -> served.key().toString()))
        .forEach(served -> {
          byAddress.put(served.key().toString(), served);
          byModel.computeIfAbsent(served.model(), name -> new ArrayList<>()).add(served);
        });
  }

  Meaning meaning(String model) {
    Served addressed = byAddress.get(model);
    if (addressed != null) {
      return new Found(addressed);
    }
    List<Served> named = byModel.getOrDefault(model, List.of());
    return switch (named.size()) {
      case 0 -> new Unknown();
      case 1 -> new Found(named.getFirst());
      default -> new Ambiguous(named.stream().map(Served::key).toList());
    };
  }

  Collection<Served> all() {
    return byAddress.values();
  }

  Optional<Served> get(DeploymentKey key) {
    return Optional.ofNullable(byAddress.get(key.toString()));
  }

  /** The name that a client should use: the model's own, or the address where that is not clear. */
  String listedName(Served served) {
    return meaning(served.model()) instanceof Found found
            && found.served().key().equals(served.key())
        ? served.model()
        : served.key().toString();
  }
}
