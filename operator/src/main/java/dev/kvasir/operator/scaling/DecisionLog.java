package dev.kvasir.operator.scaling;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last decisions that are worth telling, the newest first: those that change the number, and
 * those whose outcome or deciding signal is another than before, these not too often.
 */
public record DecisionLog(List<ScalingDecision> decisions) {
  public static final int KEPT = 10;
  private static final Duration QUIET = Duration.ofSeconds(30);

  public DecisionLog {
    decisions = List.copyOf(decisions);
  }

  public static DecisionLog empty() {
    return new DecisionLog(List.of());
  }

  public Optional<ScalingDecision> last() {
    return decisions.stream().findFirst();
  }

  /** The same log where there is nothing new to tell. */
  DecisionLog with(ScalingDecision decision) {
    if (!isNews(decision)) {
      return this;
    }
    List<ScalingDecision> all = new ArrayList<>(decisions);
    all.addFirst(decision);
    return new DecisionLog(all.subList(0, Math.min(KEPT, all.size())));
  }

  private boolean isNews(ScalingDecision decision) {
    if (decision.changes() || decisions.isEmpty()) {
      return true;
    }
    ScalingDecision last = decisions.getFirst();
    boolean other =
        last.outcome() != decision.outcome()
            || last.recommendation().deciding() != decision.recommendation().deciding();
    return other && !last.at().plus(QUIET).isAfter(decision.at());
  }
}
