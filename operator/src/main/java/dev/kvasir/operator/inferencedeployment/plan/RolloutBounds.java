package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.RolloutSpec;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How many pods more, and how many fewer, there may be while pods are replaced. Where nothing is
 * said, no pod may be missing; but where every GPU is taken, the new pod would wait for ever beside
 * the old ones, so one of them goes first, as long as others serve or none does anyway.
 *
 * @param makesRoom whether it is for a new pod that an old one may be missing
 */
record RolloutBounds(IntOrString maxSurge, IntOrString maxUnavailable, boolean makesRoom) {
  /** A node may be on its way: those that come on demand are seldom there at once. */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /**
   * The bounds for now.
   *
   * @param hash of the template that the pods are to have
   * @param wanted how many of them
   */
  static RolloutBounds of(RolloutSpec spec, String hash, int wanted, Planner.PodsNow now) {
    if (spec.maxUnavailable() != null) {
      return new RolloutBounds(spec.maxSurge(), spec.maxUnavailable(), false);
    }
    boolean makesRoom = isStuck(hash, now) && (wanted > 1 || serving(now.pods()) == 0);
    int missing = makesRoom || isNone(spec.maxSurge()) ? 1 : 0;
    return new RolloutBounds(spec.maxSurge(), new IntOrString(missing), makesRoom);
  }

  private static boolean isStuck(String hash, Planner.PodsNow now) {
    Instant longAgo = now.at().minus(PATIENCE);
    return now.pods().stream().anyMatch(pod -> !pod.isOf(hash))
        && now.pods().stream()
            .filter(pod -> pod.isOf(hash))
            .flatMap(pod -> pod.withoutRoomSince().stream())
            .anyMatch(since -> !since.isAfter(longAgo));
  }

  private static long serving(List<PodFacts> pods) {
    return pods.stream().filter(PodFacts::ready).count();
  }

  static boolean isNone(IntOrString value) {
    String text = value == null ? "" : String.valueOf(value.getValue());
    return text.equals("0") || text.equals("0%");
  }
}
