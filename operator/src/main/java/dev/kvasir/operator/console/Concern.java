package dev.kvasir.operator.console;

import static dev.kvasir.operator.inferencedeployment.status.Reason.ADVISORY;
import static dev.kvasir.operator.inferencedeployment.status.Reason.ALL_REPLICAS_SERVE;
import static dev.kvasir.operator.inferencedeployment.status.Reason.FOLLOWS_LOAD;
import static dev.kvasir.operator.inferencedeployment.status.Reason.LOADED;
import static dev.kvasir.operator.inferencedeployment.status.Reason.NOTHING_DRAINS;
import static dev.kvasir.operator.inferencedeployment.status.Reason.NOT_LOADED;
import static dev.kvasir.operator.inferencedeployment.status.Reason.NO_REPLICA_SERVES;
import static dev.kvasir.operator.inferencedeployment.status.Reason.ROLLING_OUT;
import static dev.kvasir.operator.inferencedeployment.status.Reason.SCALED_TO_ZERO;
import static dev.kvasir.operator.inferencedeployment.status.Reason.SCALING_ABSENT;
import static dev.kvasir.operator.inferencedeployment.status.Reason.SCALING_DOWN;
import static dev.kvasir.operator.inferencedeployment.status.Reason.SETTLED;
import static dev.kvasir.operator.inferencedeployment.status.Reason.SOME_REPLICAS_SERVE;
import static dev.kvasir.operator.inferencedeployment.status.Reason.TELEMETRY_PENDING;
import static dev.kvasir.operator.inferencedeployment.status.Reason.VALID;

import dev.kvasir.operator.inferencedeployment.status.Reason;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Something about a deployment that is not as it should be.
 *
 * @param types the conditions that say so
 * @param passing whether it should pass by itself
 * @param since when the first of them began
 */
record Concern(List<String> types, String reason, String message, boolean passing, String since) {
  private static final Set<String> GOOD =
      texts(
          VALID,
          ALL_REPLICAS_SERVE,
          SOME_REPLICAS_SERVE,
          SCALED_TO_ZERO,
          SETTLED,
          LOADED,
          SCALING_ABSENT,
          ADVISORY,
          FOLLOWS_LOAD,
          SCALING_DOWN,
          NOTHING_DRAINS);
  private static final Set<String> PASSING =
      texts(ROLLING_OUT, NOT_LOADED, NO_REPLICA_SERVES, TELEMETRY_PENDING);

  Concern {
    types = List.copyOf(types);
  }

  /** A reason that is not known here is a concern. Conditions that say the same are one. */
  static List<Concern> of(List<Condition> conditions) {
    Map<String, Concern> concerns = new LinkedHashMap<>();
    for (Condition condition : conditions) {
      if (!GOOD.contains(condition.getReason())) {
        concerns.merge(
            condition.getReason() + ": " + condition.getMessage(), of(condition), Concern::with);
      }
    }
    return List.copyOf(concerns.values());
  }

  private static Concern of(Condition condition) {
    return new Concern(
        List.of(condition.getType()),
        condition.getReason(),
        Texts.bounded(condition.getMessage()),
        PASSING.contains(condition.getReason()),
        condition.getLastTransitionTime());
  }

  private Concern with(Concern same) {
    List<String> all = new ArrayList<>(types);
    all.addAll(same.types());
    return new Concern(all, reason, message, passing, since);
  }

  private static Set<String> texts(Reason... reasons) {
    return Stream.of(reasons).map(Reason::toString).collect(Collectors.toUnmodifiableSet());
  }
}
