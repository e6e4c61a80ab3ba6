package dev.kvasir.operator.gateway;

import static dev.kvasir.operator.gateway.TestingGateway.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.telemetry.DeploymentKey;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class HoldTest {
  private static final String ASK = "{\"model\": \"tiny\", \"messages\": []}";
  private static final String STREAM = "{\"model\": \"tiny\", \"stream\": true}";
  private static final String HELD =
      "kvasir_held_requests{namespace=\"default\",deployment=\"tiny\",}";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Test
  void requestsWaitForTheFirstReplicaAndAreCounted() throws Exception {
    try (var replica = TestingReplica.answering("woken");
        var gateway = new TestingGateway().serving()) {
      assertEquals(0, gateway.metric(HELD));
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        answers.add(threads.submit(() -> gateway.post(ASK)));
      }
      await("40 held requests", () -> held(gateway) == 40);
      assertTrue(
          gateway.metric("kvasir_held_prompt_tokens{namespace=\"default\",deployment=\"tiny\",}")
              >= 40);
      gateway.serving(replica);
      for (var answer : answers) {
        assertEquals("{\"from\":\"woken\"}", answer.get().body());
      }
      assertEquals(0, gateway.metric(HELD));
      assertEquals(
          40,
          gateway.metric(
              "kvasir_gateway_hold_seconds_count{namespace=\"default\",deployment=\"tiny\",}"));
    }
  }

  @Test
  void commentsKeepAStreamAliveUntilItsAnswer() throws Exception {
    try (var replica =
            new TestingReplica(call -> {
              call.streamHead();
              call.event("one");
              call.streamEnd();
            });
        var gateway = new TestingGateway("HOLD_COMMENT=100ms").serving()) {
      BufferedReader lines = lines(gateway.open(STREAM));
      assertEquals(": waiting", lines.readLine());
      gateway.serving(replica);
      List<String> rest = lines.lines().filter(line -> line.startsWith("data")).toList();
      assertEquals(List.of("data: one", "data: [DONE]"), rest);
    }
  }

  @Test
  void anErrorAfterCommentsIsAnEvent() throws Exception {
    try (var replica =
            new TestingReplica(
                call -> call.json(400, "{\n\"error\": {\"code\": \"context_length_exceeded\"}}"));
        var gateway = new TestingGateway("HOLD_COMMENT=100ms").serving()) {
      HttpResponse<InputStream> answer = gateway.open(STREAM);
      BufferedReader lines = lines(answer);
      assertEquals(": waiting", lines.readLine());
      gateway.serving(replica);
      assertEquals(
          List.of("data: {\"error\":{\"code\":\"context_length_exceeded\"}}"),
          lines.lines().filter(line -> line.startsWith("data")).toList());
      assertEquals(200, answer.statusCode());
    }
  }

  @Test
  void whoWaitsTooLongIsToldToComeBack() throws Exception {
    try (var gateway = new TestingGateway("HOLD_TIME=400ms", "HOLD_COMMENT=100ms").serving()) {
      HttpResponse<String> answer = gateway.post(ASK);
      assertEquals(503, answer.statusCode());
      assertTrue(answer.body().contains("\"no_replica\""), answer.body());
      assertEquals("10", answer.headers().firstValue("retry-after").orElseThrow());
      List<String> stream = lines(gateway.open(STREAM)).lines().toList();
      assertEquals(": waiting", stream.getFirst());
      assertTrue(stream.stream().anyMatch(line -> line.contains("no_replica")), stream::toString);
      assertEquals(0, gateway.metric(HELD));
      assertEquals(0, gateway.gateway().requests());
    }
  }

  @Test
  void theLineIsBounded() throws Exception {
    try (var gateway = new TestingGateway("MAX_HELD=2").serving()) {
      for (int i = 0; i < 2; i++) {
        var _ = threads.submit(() -> gateway.post(ASK));
      }
      await("2 held requests", () -> held(gateway) == 2);
      HttpResponse<String> third = gateway.post(ASK);
      assertEquals(503, third.statusCode());
      assertTrue(third.body().contains("hold_full"), third.body());
      assertEquals("10", third.headers().firstValue("retry-after").orElseThrow());
    }
  }

  @Test
  void aClientThatLeavesLeavesTheLine() throws Exception {
    try (var gateway = new TestingGateway().serving()) {
      try (var client = gateway.socket()) {
        client
            .getOutputStream()
            .write(TestingGateway.rawChat(ASK).getBytes(StandardCharsets.UTF_8));
        await("a held request", () -> held(gateway) == 1);
      }
      await("nobody in line", () -> held(gateway) == 0);
      await("no request", () -> gateway.gateway().requests() == 0);
    }
  }

  @Test
  void whatNothingWakesIsRefusedAtOnce() throws Exception {
    try (var gateway =
        new TestingGateway()
            .catalog(
                new Served(
                    new DeploymentKey("default", "tiny"),
                    "tiny",
                    false,
                    Instant.EPOCH,
                    List.of()))) {
      HttpResponse<String> answer = gateway.post(ASK);
      assertEquals(503, answer.statusCode());
      assertTrue(answer.body().contains("scaled_to_zero"), answer.body());
    }
  }

  @Test
  void aDeploymentThatIsDeletedIsUnknownToThoseInLine() throws Exception {
    try (var gateway = new TestingGateway().serving()) {
      var answer = threads.submit(() -> gateway.post(ASK));
      await("a held request", () -> held(gateway) == 1);
      gateway.catalog();
      assertEquals(404, answer.get().statusCode());
    }
  }

  /** The only replica dies, and its pod is found unready only later. */
  @Test
  void aReplicaThatIsGoneIsWaitedFor() throws Exception {
    TestingReplica gone = TestingReplica.answering("gone");
    gone.close();
    try (var next = TestingReplica.answering("next");
        var gateway = new TestingGateway().serving(gone)) {
      var answer = threads.submit(() -> gateway.post(ASK));
      await("a held request", () -> held(gateway) == 1);
      gateway.serving(next);
      assertEquals("{\"from\":\"next\"}", answer.get().body());
    }
  }

  @Test
  void aDrainLetsStreamsEndAndRefusesNewRequests() throws Exception {
    Semaphore end = new Semaphore(0);
    try (var replica =
            new TestingReplica(call -> {
              call.streamHead();
              call.event("one");
              end.acquire();
              call.streamEnd();
            });
        var gateway = new TestingGateway("DRAIN_TIMEOUT=20s").serving(replica)) {
      BufferedReader lines = lines(gateway.open(STREAM));
      assertEquals("data: one", lines.readLine());
      assertEquals(200, gateway.get("/health/ready").statusCode());
      var draining = threads.submit(() -> gateway.running().drain());
      await("the drain", () -> gateway.gateway().drain().isRefusing());
      assertEquals(503, gateway.get("/health/ready").statusCode());
      assertEquals(200, gateway.get("/health/live").statusCode());
      HttpResponse<String> refused = gateway.post(ASK);
      assertEquals(503, refused.statusCode());
      assertTrue(refused.body().contains("draining"), refused.body());
      assertEquals("close", refused.headers().firstValue("connection").orElseThrow());
      end.release();
      assertTrue(lines.lines().toList().contains("data: [DONE]"));
      draining.get();
    }
  }

  private static int held(TestingGateway gateway) {
    return gateway.gateway().pools().pool(new DeploymentKey("default", "tiny")).held();
  }

  private static BufferedReader lines(HttpResponse<InputStream> answer) {
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }
}
