package dev.kvasir.operator.telemetry;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.kvasir.api.v1alpha1.AcceleratorStatus;
import dev.kvasir.operator.telemetry.Card.Kind;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The cards of a deployment's pods by kind, for people. */
final class Cards {
  private static final int MOST_KINDS = 8;
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;
  private static final Comparator<AcceleratorStatus> ORDER =
      Comparator.comparing(AcceleratorStatus::pods)
          .reversed()
          .thenComparing(AcceleratorStatus::name)
          .thenComparing(AcceleratorStatus::memory)
          .thenComparing(AcceleratorStatus::driver);

  private Cards() {}

  /** The most frequent kind first. */
  static List<AcceleratorStatus> status(Collection<PodReadings> fresh) {
    Map<Kind, List<Card>> kinds =
        fresh.stream()
            .flatMap(pod -> pod.last().orElseThrow().card().stream())
            .collect(groupingBy(Card::kind, toList()));
    return kinds.entrySet().stream()
        .map(kind -> status(kind.getKey(), kind.getValue()))
        .sorted(ORDER)
        .limit(MOST_KINDS)
        .toList();
  }

  private static AcceleratorStatus status(Kind kind, List<Card> cards) {
    return new AcceleratorStatus(
        kind.name(),
        size(kind.memoryBytes()),
        kind.driver(),
        cards.size(),
        size(mean(cards, "weights")),
        size(mean(cards, "kv")));
  }

  private static double mean(List<Card> cards, String use) {
    return cards.stream()
        .collect(averagingDouble(card -> card.memoryByUse().getOrDefault(use, 0.0)));
  }

  private static String size(double bytes) {
    return bytes < GIB
        ? Math.round(bytes / MIB) + "Mi"
        : String.format(Locale.ROOT, "%.1fGi", bytes / GIB);
  }
}
