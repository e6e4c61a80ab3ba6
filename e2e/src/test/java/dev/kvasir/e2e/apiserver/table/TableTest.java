package dev.kvasir.e2e.apiserver.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
  private static final Instant NOW = Instant.parse("2026-01-02T00:00:00Z");

  private final ResourceRegistry registry = new ResourceRegistry(new ModelSchemas());

  @Test
  void podsShowWhatTheirContainersDo() {
    pod("phase: Pending", "0/1", "Pending", "0");
    pod(
        "phase: Running, containerStatuses: [{ready: true, state: {running: {}}}]",
        "1/1",
        "Running",
        "0");
    pod(
        "phase: Running, containerStatuses: [{restartCount: 3, state: {waiting: {reason:"
            + " CrashLoopBackOff}}, lastState: {terminated: {finishedAt: '2026-01-01T23:59:00Z'}}}]",
        "0/1",
        "CrashLoopBackOff",
        "3 (60s ago)");
    pod(
        "phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 3}}}]",
        "0/1",
        "ExitCode:3",
        "0");
  }

  private void pod(String status, String ready, String state, String restarts) {
    JsonNode row =
        row(
            "pods",
            "{metadata: {name: p}, spec: {containers: [{name: c}]}, status: {" + status + "}}");
    assertEquals(List.of("p", ready, state, restarts), Json.texts(row).subList(0, 4));
  }

  @Test
  void deployments() {
    JsonNode row =
        row(
            "deployments",
            "{metadata: {name: d, creationTimestamp: '2026-01-01T21:00:00Z'}, spec: {replicas: 3},"
                + " status: {readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2}}");
    assertEquals(List.of("d", "2/3", "1", "2", "3h"), Json.texts(row).subList(0, 5));
  }

  @Test
  void ages() {
    assertEquals("119s", Ages.human(Duration.ofSeconds(119)));
    assertEquals("2m", Ages.human(Duration.ofMinutes(2)));
    assertEquals("9m59s", Ages.human(Duration.ofSeconds(599)));
    assertEquals("10m", Ages.human(Duration.ofSeconds(630)));
    assertEquals("7h59m", Ages.human(Duration.ofMinutes(479)));
    assertEquals("2d1h", Ages.human(Duration.ofHours(49)));
    assertEquals("9d", Ages.human(Duration.ofDays(9)));
    assertEquals("2y5d", Ages.human(Duration.ofDays(735)));
    assertEquals("<unknown>", Ages.since("", NOW));
  }

  @Test
  void jsonPaths() {
    JsonNode root =
        TestingJson.yaml(
            "{a: {b: [1, 2], c.d: x}, conditions: [{type: Ready, status: 'True'}, {type: Other,"
                + " status: 'False'}]}");
    path(root, ".a.b[0]", "[1]");
    path(root, ".a.b[-1]", "[2]");
    path(root, ".a.b[*]", "[1, 2]");
    path(root, ".a['c.d']", "[\"x\"]");
    path(root, ".a.c\\.d", "[\"x\"]");
    path(root, ".conditions[?(@.type==\"Ready\")].status", "[\"True\"]");
    path(root, ".conditions[?(@.type=='Other')].status", "[\"False\"]");
    path(root, ".nothing.at.all", "[]");
    path(root, "..b", "[]");
  }

  private static void path(JsonNode root, String path, String expected) {
    assertEquals(expected, JsonPath.parse(path).find(root).toString(), path);
  }

  private JsonNode row(String plural, String object) {
    String group = plural.equals("deployments") ? "apps" : "";
    TableRenderer renderer =
        new TableRenderer(
            registry.builtIn(group, "v1", plural), "", Clock.fixed(NOW, ZoneOffset.UTC));
    return renderer
        .table(List.of(TestingJson.object(object)), "1", true)
        .path("rows")
        .path(0)
        .path("cells");
  }
}
