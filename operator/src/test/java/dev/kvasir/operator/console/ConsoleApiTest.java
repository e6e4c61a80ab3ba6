package dev.kvasir.operator.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.api.v1alpha1.ScalingStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.DecisionStatus;
import dev.kvasir.api.v1alpha1.TelemetryStatus;
import dev.kvasir.operator.TestingSpecs;
import dev.kvasir.operator.telemetry.Member;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleApiTest {
  private static final String EVIL = "<img src=x onerror=alert(1)>\"'&</script>\u2028";

  @TempDir Path directory;
  private TestingConsole console;

  @BeforeEach
  void open() throws Exception {
    console = new TestingConsole(directory, Optional.empty());
  }

  @AfterEach
  void close() {
    console.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/fleet", "/api/history?deployment=models/sample", "/api/nothing"})
  void nothingIsToldWithoutTheToken(String path) throws Exception {
    console.tick();
    for (String authorization :
        List.of(
            "none",
            "Bearer ",
            "Bearer wrong",
            "Bearer " + TestingConsole.TOKEN + "x",
            "Basic " + TestingConsole.TOKEN,
            "Bearer " + "x".repeat(5000))) {
      HttpResponse<String> refusal =
          console.send(console.request(path).header("authorization", authorization));
      assertEquals(401, refusal.statusCode(), authorization);
      assertFalse(refusal.body().contains("models"), refusal.body());
    }
    assertEquals(401, console.send(console.request(path)).statusCode());
    String inTheAddress = path + (path.contains("?") ? "&" : "?") + "token=" + TestingConsole.TOKEN;
    assertEquals(401, console.send(console.request(inTheAddress)).statusCode());
  }

  @Test
  void aChangedFileChangesTheToken() throws Exception {
    Path file = directory.resolve("token");
    assertEquals(200, console.send(console.authorized("/api/fleet")).statusCode());
    Files.writeString(file, "short");
    console.token.refresh();
    assertEquals(200, console.send(console.authorized("/api/fleet")).statusCode());
    Files.writeString(file, "another-token-of-enough-characters");
    console.token.refresh();
    assertEquals(401, console.send(console.authorized("/api/fleet")).statusCode());
  }

  @Test
  void thePageIsServedWithAPolicyThatLetsNothingElseIn() throws Exception {
    HttpResponse<String> page = console.send(console.request("/"));
    assertEquals(200, page.statusCode());
    String policy = page.headers().firstValue("content-security-policy").orElseThrow();
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
    assertFalse(page.body().contains("style=\""), "inline styles would be refused");
    assertFalse(page.body().matches("(?s).*<script[^>]*>[^<].*"), "inline scripts, too");
    for (String file : List.of("main.js", "uplot.js", "uplot.css", "console.css", "icon.svg")) {
      HttpResponse<String> asset = console.send(console.request("/" + file));
      assertEquals(200, asset.statusCode(), file);
      String tag = asset.headers().firstValue("etag").orElseThrow();
      int again =
          console.send(console.request("/" + file).header("if-none-match", tag)).statusCode();
      assertEquals(304, again, file);
    }
    for (String path :
        List.of("/../application.properties", "/%2e%2e/token", "/index", "/api.txt")) {
      assertEquals(404, console.send(console.request(path)).statusCode(), path);
    }
  }

  @Test
  void showsWhatThePodsSay() throws Exception {
    console.sample.addPod("10.0.0.1");
    status(console.sample.resource, "sample", List.of());
    for (int i = 0; i < 3; i++) {
      console.sample.says("10.0.0.1", 3, 2, 100, 80 * i);
      console.tick();
    }
    JsonNode row = console.fleet("").get("deployments").get(0);
    assertEquals("models/sample", row.get("deployment").asText());
    assertEquals("Ready", row.get("phase").asText());
    assertEquals(40, row.at("/load/output").asDouble());
    assertEquals(0.1, row.at("/load/kv").asDouble());
    assertEquals(2, row.at("/load/waiting").asDouble());
    assertEquals(0, row.at("/load/held").asDouble());
    assertTrue(row.at("/load/firstToken").isNull(), "nothing was measured, so nothing is said");
    assertEquals(console.sample.instant().toEpochMilli(), row.at("/load/readAt").asLong());
  }

  @Test
  void podsThatCannotBeReadHaveNoFigures() throws Exception {
    console.sample.addPod("10.0.0.1");
    status(console.sample.resource, "sample", List.of());
    console.sample.says("10.0.0.1", 3, 2, 100, 0);
    console.tick();
    console.sample.pages.clear();
    for (int i = 0; i < 8; i++) {
      console.tick();
    }
    JsonNode row = console.fleet("").get("deployments").get(0);
    assertTrue(row.at("/load/output").isNull(), row.toString());
    assertEquals(1, row.get("unreadable").asInt());
    assertEquals(
        16_000,
        console.sample.instant().toEpochMilli() - row.at("/load/readAt").asLong(),
        "its age");
  }

  @Test
  void aSpareSaysWhoLeadsAndShowsTheStatus() throws Exception {
    console.leads = false;
    console.leader = Optional.of("kvasir-operator-1");
    status(console.sample.resource, "sample", List.of());
    console.tick();
    JsonNode fleet = console.fleet("");
    assertFalse(fleet.get("leads").asBoolean());
    assertEquals("kvasir-operator-1", fleet.get("leader").asText());
    JsonNode load = fleet.at("/deployments/0/load");
    assertEquals(120, load.get("output").asDouble());
    assertEquals(0.25, load.get("firstToken").asDouble());
    assertEquals(0.4, load.get("kv").asDouble());
    assertTrue(load.get("held").isNull(), "the status does not tell it from the queue");
  }

  @Test
  void historyIsBoundedAndIncremental() throws Exception {
    status(console.sample.resource, "sample", List.of());
    for (int i = 0; i < 9; i++) {
      console.tick();
    }
    JsonNode all = console.json("/api/history?deployment=models/sample");
    assertEquals(5, all.get("at").size());
    for (Series series : Series.ALL) {
      assertEquals(5, all.get(series.text()).size(), series.text());
    }
    long newest = all.get("at").get(4).asLong();
    assertEquals(console.sample.instant().toEpochMilli(), newest);
    String after = "/api/history?deployment=models/sample&after=";
    assertEquals(2, console.json(after + (newest - 4000)).get("at").size());
    assertEquals(400, console.send(console.authorized(after + "yesterday")).statusCode());
    assertEquals(404, console.send(console.authorized("/api/history?deployment=a/b")).statusCode());
  }

  @Test
  void aThousandDeploymentsAreFilteredAndCut() throws Exception {
    IntStream.range(0, 1200).forEach(i -> console.others.add(other("m" + i)));
    console.tick();
    JsonNode all = console.fleet("");
    assertEquals(1201, all.get("total").asInt());
    assertEquals(Answers.MOST_ROWS, all.get("deployments").size());
    JsonNode some = console.fleet("MODELS/m119");
    assertEquals(11, some.get("matching").asInt());
    assertEquals(
        400, console.send(console.authorized("/api/fleet?filter=" + "x".repeat(201))).statusCode());
    assertTrue(
        console.json("/api/history?deployment=models/sample").get("at").isEmpty(),
        "history is kept of " + History.MOST_DEPLOYMENTS);
  }

  @Test
  void whatOthersWroteStaysTextAndShort() throws Exception {
    Condition evil = condition("Ready", "False", "Evil" + EVIL, EVIL + "x".repeat(100_000));
    status(console.sample.resource, EVIL, List.of(evil));
    console.tick();
    HttpResponse<String> answer = console.send(console.authorized("/api/fleet"));
    assertEquals("application/json", answer.headers().firstValue("content-type").orElseThrow());
    assertEquals("nosniff", answer.headers().firstValue("x-content-type-options").orElseThrow());
    assertEquals("no-store", answer.headers().firstValue("cache-control").orElseThrow());
    assertTrue(answer.body().length() < 20_000, "bounded: " + answer.body().length());
    JsonNode row = console.fleet("").get("deployments").get(0);
    assertEquals(EVIL, row.get("model").asText());
    assertTrue(row.at("/concerns/0/message").asText().startsWith(EVIL));
    assertTrue(row.at("/decisions").isMissingNode(), "decisions have a list of their own");
  }

  @Test
  void decisionsOfAllAreTheNewestFirst() throws Exception {
    List<DecisionStatus> many = new ArrayList<>();
    for (int i = 9; i >= 0; i--) {
      many.add(
          new DecisionStatus("2026-01-01T00:00:0" + i + "Z", 1, 2, "Up", "Backlog", "why", null));
    }
    IntStream.range(0, 10).forEach(i -> console.others.add(decided("m" + i, many)));
    console.tick();
    JsonNode decisions = console.fleet("").get("decisions");
    assertEquals(40, decisions.size());
    assertEquals("2026-01-01T00:00:09Z", decisions.get(0).get("time").asText());
    assertEquals("2026-01-01T00:00:06Z", decisions.get(39).get("time").asText());
    assertEquals("models/m3", console.fleet("m3").at("/decisions/0/deployment").asText());
  }

  @Test
  void onlyConditionsThatAreNotGoodAreConcerns() {
    List<Concern> concerns =
        Concern.of(
            List.of(
                condition("SpecValid", "True", "Valid", "fine"),
                condition("Ready", "False", "CrashLoopBackOff", "it ends"),
                condition("Progressing", "False", "CrashLoopBackOff", "it ends"),
                condition("Available", "False", "NoReplicaServes", "none"),
                condition("ScalingActive", "True", "TwoWriters", "hpa, too")));
    assertEquals(
        List.of("CrashLoopBackOff", "NoReplicaServes", "TwoWriters"),
        concerns.stream().map(Concern::reason).toList());
    assertEquals(List.of("Ready", "Progressing"), concerns.getFirst().types());
    assertEquals(List.of(false, true, false), concerns.stream().map(Concern::passing).toList());
  }

  @Test
  void whatIsNotThereIsSaid() throws Exception {
    HttpResponse<String> answer = console.send(console.authorized("/api/fleet/x"));
    assertEquals(404, answer.statusCode());
    assertEquals(
        "{\"error\":{\"message\":\"there is no GET /console/api/fleet/x\"}}", answer.body());
  }

  private static Condition condition(String type, String status, String reason, String message) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason)
        .withMessage(message)
        .withLastTransitionTime("2026-01-01T00:00:00Z")
        .build();
  }

  private static Member other(String name) {
    String spec = "{model: {uri: 'bundled://sample'}}";
    return Member.of(TestingSpecs.resource(name, spec), Optional.empty(), List.of());
  }

  private static Member decided(String name, List<DecisionStatus> decisions) {
    Member member = other(name);
    member.resource().setStatus(status(name, List.of(), decisions));
    return member;
  }

  private static void status(
      InferenceDeployment resource, String model, List<Condition> conditions) {
    resource.setStatus(status(model, conditions, List.of()));
  }

  private static InferenceDeploymentStatus status(
      String model, List<Condition> conditions, List<DecisionStatus> decisions) {
    return new InferenceDeploymentStatus(
        1L,
        Phase.READY,
        model,
        null,
        null,
        1,
        1,
        2,
        null,
        new TelemetryStatus(120, 60, 40, 2, 1, "250ms", 0),
        null,
        null,
        new ScalingStatus(2, null, decisions, null),
        null,
        conditions);
  }
}
