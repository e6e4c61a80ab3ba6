package dev.kvasir.e2e.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What promtool says of the rules, and whether the alerts fire when they should. */
class PromtoolIT {
  @Test
  void itIsContentWithTheRules() throws Exception {
    assertContent(Promtool.promtool("check", "rules", "--lint-fatal", Rules.FILE.toString()));
  }

  /** Each case says how the counters go, and which alerts there are then. */
  @Test
  void alertsFireWhenTheyShouldAndNotBefore() throws Exception {
    Path cases = Path.of("src/test/resources/monitoring/alerts.yaml").toAbsolutePath();
    assertContent(Promtool.promtool("test", "rules", cases.toString()));
  }

  private static void assertContent(Promtool.Outcome outcome) {
    assertEquals(0, outcome.status(), outcome::output);
  }
}
