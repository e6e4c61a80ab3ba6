package dev.kvasir.e2e.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for each dashboard without a Prometheus or a Grafana. */
class DashboardsTest {
  private static final int COLUMNS = 24;
  private static final int SCHEMA = 42;
  private static final Set<String> UNITS =
      Set.of("s", "bytes", "percentunit", "reqps", "ops", "short", "string", "bool_yes_no");

  static List<Dashboard> dashboards() throws IOException {
    return Dashboard.all();
  }

  @Test
  void eachHasAnAddressOfItsOwn() throws IOException {
    List<String> uids =
        dashboards().stream().map(dashboard -> dashboard.json().get("uid").asText()).toList();
    assertEquals(
        List.of("kvasir-deployment", "kvasir-fleet", "kvasir-pod", "kvasir-scaling"), uids);
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsAreExplained(Dashboard dashboard) {
    for (JsonNode panel : dashboard.panels()) {
      String where = dashboard.file() + ", " + panel.path("title").asText();
      assertTrue(panel.path("title").asText().length() > 3, where);
      assertTrue(panel.path("description").asText().length() > 10, where + " has no description");
      String unit = panel.at("/fieldConfig/defaults/unit").asText();
      assertTrue(UNITS.contains(unit) || unit.matches("suffix:.+"), where + " has unit " + unit);
      assertTrue(!panel.get("targets").isEmpty(), where + " has no query");
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void theDataSourceIsAVariable(Dashboard dashboard) {
    assertEquals(SCHEMA, dashboard.json().get("schemaVersion").asInt());
    assertEquals("datasource", dashboard.variables().getFirst().get("type").asText());
    dashboard.panels().stream()
        .map(panel -> panel.at("/datasource/uid").asText())
        .forEach(uid -> assertEquals("${datasource}", uid));
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsDoNotOverlap(Dashboard dashboard) {
    Set<Integer> ids = new HashSet<>();
    Set<String> taken = new HashSet<>();
    for (JsonNode panel : dashboard.json().get("panels")) {
      String title = panel.get("title").asText();
      assertTrue(ids.add(panel.get("id").asInt()), title + " shares its id");
      JsonNode at = panel.get("gridPos");
      assertTrue(at.get("x").asInt() + at.get("w").asInt() <= COLUMNS, title + " is too far right");
      for (int x = at.get("x").asInt(); x < at.get("x").asInt() + at.get("w").asInt(); x++) {
        for (int y = at.get("y").asInt(); y < at.get("y").asInt() + at.get("h").asInt(); y++) {
          assertTrue(taken.add(x + "," + y), title + " overlaps another panel");
        }
      }
    }
  }
}
