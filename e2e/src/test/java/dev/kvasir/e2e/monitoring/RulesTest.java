package dev.kvasir.e2e.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.e2e.monitoring.Rules.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for each rule without a Prometheus. */
class RulesTest {
  private static final Path DOCUMENT = Path.of("../docs/monitoring.md");

  static Stream<Rule> alerts() throws IOException {
    return Rules.alerts();
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void anAlertSaysWhatIsWrongAndWhatToDo(Rule alert) throws IOException {
    assertTrue(
        List.of("critical", "warning").contains(alert.json().at("/labels/severity").asText()));
    assertTrue(alert.json().has("for"));
    for (String text : List.of("summary", "description", "runbook")) {
      assertTrue(alert.json().at("/annotations/" + text).asText().length() > 10, text);
    }
    assertTrue(
        Files.readString(DOCUMENT).contains("\n### " + alert.name() + "\n"),
        "docs/monitoring.md has no section on it");
  }

  @Test
  void theDocumentKnowsNoOtherAlert() throws IOException {
    List<String> sections =
        Files.readString(DOCUMENT)
            .lines()
            .filter(line -> line.startsWith("### Kvasir"))
            .map(line -> line.substring("### ".length()))
            .toList();
    assertEquals(alerts().map(Rule::name).toList(), sections);
  }

  @Test
  void aComparisonIsTakenAwayWithoutItsMatchers() {
    assertEquals(
        "sum(a{b=~\"5..\", c!=\"\"}) > bool 0.1 and d >= bool 50",
        withoutComparison("sum(a{b=~\"5..\", c!=\"\"}) > 0.1 and d >= 50"));
    assertEquals("a == bool 1", withoutComparison("absent(a == 1)"));
  }

  private static String withoutComparison(String expression) {
    return new Rule("x", true, new JsonMapper().createObjectNode().put("expr", expression))
        .withoutComparison();
  }
}
