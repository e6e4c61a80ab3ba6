package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.scheduler.PlannedStep;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.Sequence;
import java.util.Map;

/**
 * What the host has to say of a row before its token is drawn: which tokens its grammar allows, and
 * which its bad words bar. It takes the token before that one, and nothing else of the step.
 */
record RowRules(Map<Sequence, ActiveRequest> requests) {

  /** Whether any row of a step waits for such a word. */
  boolean concern(PlannedStep step) {
    SampledRows rows = step.plan().sampled();
    for (int row = 0; row < rows.count(); row++) {
      if (rows.draws(row) && concern(requests.get(step.sampled().get(row)))) {
        return true;
      }
    }
    return false;
  }

  private static boolean concern(ActiveRequest active) {
    return active != null
        && (active.grammar() != null || active.request().sampling().rules().lookBack());
  }

  /** Writes them into the plan; requests that have ended meanwhile may draw what they like. */
  void fill(PlannedStep step) {
    SampledRows rows = step.plan().sampled();
    for (int row = 0; row < rows.count(); row++) {
      if (rows.draws(row)) {
        ActiveRequest active = requests.get(step.sampled().get(row));
        if (concern(active)) {
          fill(rows, row, active);
        }
      }
    }
  }

  private static void fill(SampledRows rows, int row, ActiveRequest active) {
    rows.barred()[row] = active.sequence().barred(rows.outputPositions()[row]);
    if (active.grammar() != null) {
      long[] mask = active.grammar().mask(active.sequence().remaining());
      rows.masks()[row] = both(mask, rows.masks()[row]);
    }
  }

  private static long[] both(long[] mask, long[] allowed) {
    for (int word = 0; allowed != null && word < mask.length; word++) {
      mask[word] &= word < allowed.length ? allowed[word] : 0;
    }
    return mask;
  }
}
