package dev.kvasir.operator.gateway;

import static dev.kvasir.operator.gateway.TestingGateway.await;
import static dev.kvasir.operator.gateway.TestingGateway.served;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GatewayTest {
  private static final String ASK = "{\"model\": \"tiny\", \"messages\": []}";
  private static final String STREAM = "{\"model\": \"tiny\", \"stream\": true}";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @Test
  void passesRequestAndAnswerOn() throws Exception {
    try (var replica = TestingReplica.answering("a");
        var gateway = new TestingGateway().serving(replica)) {
      HttpResponse<String> answer =
          gateway.send(
              gateway
                  .request("/v1/chat/completions?x=1")
                  .header("authorization", "Bearer key")
                  .header("x-request-id", "mine-1")
                  .POST(HttpRequest.BodyPublishers.ofString(ASK))
                  .build());
      assertEquals(200, answer.statusCode());
      assertEquals("{\"from\":\"a\"}", answer.body());
      assertEquals("mine-1", answer.headers().firstValue("x-request-id").orElseThrow());
      TestingReplica.Call call = replica.calls().getFirst();
      assertEquals("POST /v1/chat/completions?x=1 HTTP/1.1", call.target());
      assertEquals(ASK, call.body());
      assertEquals("Bearer key", call.headers().get("authorization"));
      assertEquals("mine-1", call.headers().get("x-request-id"));
      assertEquals("127.0.0.1", call.headers().get("x-forwarded-for"));
    }
  }

  @Test
  void streamsEachEventAtOnce() throws Exception {
    Semaphore next = new Semaphore(0);
    try (var replica =
            new TestingReplica(call -> {
              call.streamHead();
              for (int i = 0; i < 3; i++) {
                next.acquire();
                call.event("e" + i);
              }
              call.streamEnd();
            });
        var gateway = new TestingGateway().serving(replica)) {
      next.release();
      HttpResponse<InputStream> answer = gateway.open(STREAM);
      BufferedReader lines = lines(answer);
      for (int i = 0; i < 3; i++) {
        assertEquals("data: e" + i, lines.readLine());
        assertEquals("", lines.readLine());
        next.release();
      }
      assertEquals("data: [DONE]", lines.readLine());
      assertEquals("", lines.readLine());
      assertEquals(null, lines.readLine());
    }
  }

  @Test
  void choosesTheReplicaWithTheFewestRequests() throws Exception {
    Semaphore end = new Semaphore(0);
    TestingReplica.Behaviour slow =
        call -> {
          end.acquire();
          call.json(200, "{}");
        };
    try (var a = new TestingReplica(slow);
        var b = new TestingReplica(slow);
        var c = new TestingReplica(slow);
        var gateway = new TestingGateway().serving(a, b, c)) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 1; i <= 9; i++) {
        answers.add(threads.submit(() -> gateway.post(ASK)));
        int sent = i;
        await("request " + i, () -> a.calls().size() + b.calls().size() + c.calls().size() == sent);
      }
      assertEquals(List.of(3, 3, 3), List.of(a.calls().size(), b.calls().size(), c.calls().size()));
      assertEquals(9, gateway.gateway().requests());
      end.release(9);
      for (var answer : answers) {
        assertEquals(200, answer.get().statusCode());
      }
      assertEquals(0, gateway.gateway().requests());
    }
  }

  @Test
  void aReplicaThatDrainsGetsNoNewRequestsAndKeepsItsStreams() throws Exception {
    Semaphore end = new Semaphore(0);
    try (var old =
            new TestingReplica(call -> {
              call.streamHead();
              call.event("first");
              end.acquire();
              call.streamEnd();
            });
        var fresh = TestingReplica.answering("fresh");
        var gateway = new TestingGateway().serving(old)) {
      BufferedReader lines = lines(gateway.open(STREAM));
      assertEquals("data: first", lines.readLine());
      gateway.serving(fresh);
      assertEquals("{\"from\":\"fresh\"}", gateway.post(ASK).body());
      end.release();
      assertTrue(lines.lines().toList().contains("data: [DONE]"));
      assertEquals(1, old.calls().size());
    }
  }

  @Test
  void retriesElsewhereBeforeTheFirstByte() throws Exception {
    List<TestingReplica.Behaviour> bad =
        List.of(
            call -> {
              throw new IOException("dies");
            },
            call -> call.json(503, "{}"),
            call -> call.json(429, "{}"),
            call -> {
              call.streamHead();
              throw new IOException("dies after its head");
            });
    for (TestingReplica.Behaviour behaviour : bad) {
      try (var first = new TestingReplica(behaviour);
          var second = TestingReplica.answering("second");
          var gateway = new TestingGateway().serving(first)) {
        gateway.serving(first, second);
        for (int i = 0; i < 4; i++) {
          HttpResponse<String> answer = gateway.post(ASK);
          assertEquals("{\"from\":\"second\"}", answer.body(), "status " + answer.statusCode());
        }
        assertTrue(first.calls().size() >= 1);
      }
    }
  }

  @Test
  void aReplicaThatIsGoneIsNotAskedTwice() throws Exception {
    TestingReplica gone = TestingReplica.answering("gone");
    gone.close();
    try (var there = TestingReplica.answering("there");
        var gateway = new TestingGateway().serving(gone, there)) {
      for (int i = 0; i < 6; i++) {
        assertEquals("{\"from\":\"there\"}", gateway.post(ASK).body());
      }
      assertTrue(
          gateway.metric(
                  "kvasir_gateway_upstream_errors_total{namespace=\"default\",deployment=\"tiny\",reason=\"connect\",}")
              >= 1);
    }
  }

  @Test
  void countersOfAKnownDeploymentBeginAtZero() throws Exception {
    try (var there = TestingReplica.answering("there");
        var gateway = new TestingGateway().serving(there)) {
      String page = gateway.get("/metrics").body();
      for (String line :
          List.of(
              "retries_total{namespace=\"default\",deployment=\"tiny\",reason=\"no_answer\",} 0.0",
              "upstream_errors_total{namespace=\"default\",deployment=\"tiny\",reason=\"stalled\",} 0.0",
              "hold_seconds_count{namespace=\"default\",deployment=\"tiny\",} 0.0")) {
        assertTrue(page.contains("kvasir_gateway_" + line + "\n"), () -> line + " in\n" + page);
      }
    }
  }

  @Test
  void aFullReplicasRefusalIsTheAnswerWhereThereIsNoOther() throws Exception {
    try (var full =
            new TestingReplica(call -> call.json(429, "{\"error\":{\"code\":\"queue_full\"}}"));
        var gateway = new TestingGateway().serving(full)) {
      HttpResponse<String> answer = gateway.post(ASK);
      assertEquals(429, answer.statusCode());
      assertTrue(answer.body().contains("queue_full"));
      assertEquals(1, full.calls().size());
    }
  }

  @Test
  void retriesAreBounded() throws Exception {
    try (var dying =
            new TestingReplica(call -> {
              throw new IOException("dies");
            });
        var gateway = new TestingGateway("RETRIES=3").serving(dying)) {
      HttpResponse<String> answer = gateway.post(ASK);
      assertEquals(502, answer.statusCode());
      assertTrue(answer.body().contains("\"replica_lost\""), answer.body());
      assertEquals(4, dying.calls().size());
    }
  }

  @Test
  void aStreamThatIsCutNeverLooksWhole() throws Exception {
    try (var dying =
            new TestingReplica(call -> {
              call.streamHead();
              call.event("one");
              Thread.sleep(50);
              throw new IOException("dies");
            });
        var gateway = new TestingGateway().serving(dying)) {
      List<String> seen = new ArrayList<>();
      BufferedReader lines = lines(gateway.open(STREAM));
      assertThrows(
          IOException.class,
          () -> {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              seen.add(line);
            }
          });
      assertEquals("data: one", seen.getFirst());
      assertTrue(seen.stream().anyMatch(line -> line.contains("replica_lost")), seen::toString);
      assertFalse(seen.contains("data: [DONE]"));
      assertEquals(1, dying.calls().size(), "no retry after the first byte");
    }
  }

  @Test
  void aPlainAnswerThatIsCutIsAnErrorForTheClient() throws Exception {
    try (var dying =
            new TestingReplica(call -> {
              call.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"half\":");
              Thread.sleep(50);
              throw new IOException("dies");
            });
        var gateway = new TestingGateway().serving(dying)) {
      assertThrows(IOException.class, () -> gateway.post(ASK));
    }
  }

  @Test
  void aClientThatLeavesIsAMessageToTheReplica() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (var replica =
            new TestingReplica(call -> {
              call.streamHead();
              call.event("one");
              call.awaitClosed();
              left.countDown();
            });
        var gateway = new TestingGateway().serving(replica)) {
      Socket client = gateway.socket();
      client
          .getOutputStream()
          .write(TestingGateway.rawChat(STREAM).getBytes(StandardCharsets.UTF_8));
      assertTrue(client.getInputStream().read() > 0);
      client.close();
      assertTrue(left.await(5, TimeUnit.SECONDS));
      await("the request's end", () -> gateway.gateway().requests() == 0);
      assertEquals(
          1,
          gateway.metric(
              "kvasir_gateway_requests_total{namespace=\"default\",deployment=\"tiny\",model=\"tiny\",code=\"499\",}"));
    }
  }

  @Test
  void aClientThatLeavesBeforeTheHeadIsAMessageToo() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (var replica =
            new TestingReplica(call -> {
              call.awaitClosed();
              left.countDown();
            });
        var gateway = new TestingGateway().serving(replica)) {
      Socket client = gateway.socket();
      client.getOutputStream().write(TestingGateway.rawChat(ASK).getBytes(StandardCharsets.UTF_8));
      await("the request at the replica", () -> replica.calls().size() == 1);
      client.close();
      assertTrue(left.await(5, TimeUnit.SECONDS));
    }
  }

  @Test
  void aReplicaThatStallsIsLetGo() throws Exception {
    try (var stalling = new TestingReplica(TestingReplica.Call::awaitClosed);
        var gateway = new TestingGateway("STALL_TIMEOUT=500ms").serving(stalling)) {
      HttpResponse<String> answer = gateway.post(ASK);
      assertEquals(504, answer.statusCode());
      assertTrue(answer.body().contains("replica_stalled"), answer.body());
    }
  }

  /** The replica must feel the client's pace, and the gateway must not keep what lies between. */
  @Test
  void aSlowReaderSlowsTheReplica() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    String event = "x".repeat(10_000);
    try (var fast =
            new TestingReplica(call -> {
              call.streamHead();
              for (int i = 0; i < 10_000; i++) {
                call.event(event);
                sent.incrementAndGet();
              }
              call.streamEnd();
            });
        var gateway = new TestingGateway("STALL_TIMEOUT=2s").serving(fast);
        Socket client = gateway.socket()) {
      client.setReceiveBufferSize(8192);
      client
          .getOutputStream()
          .write(TestingGateway.rawChat(STREAM).getBytes(StandardCharsets.UTF_8));
      assertTrue(client.getInputStream().read() > 0);
      await("the end of one that takes nothing", () -> gateway.gateway().requests() == 0);
      assertTrue(sent.get() < 5_000, sent + " events of 10 kB went into a pipe that nobody read");
    }
  }

  @Test
  void modelsAreListedUnderNamesThatAreClear() throws Exception {
    try (var gateway =
        new TestingGateway()
            .catalog(
                served("a", "one", "shared", List.of()),
                served("b", "two", "shared", List.of()),
                served("b", "three", "alone", List.of()))) {
      String models = gateway.get("/v1/models").body();
      assertTrue(models.contains("\"id\":\"a/one\""), models);
      assertTrue(models.contains("\"id\":\"b/two\""), models);
      assertTrue(models.contains("\"id\":\"alone\""), models);
      assertEquals(200, gateway.get("/v1/models/alone").statusCode());
      assertEquals(200, gateway.get("/v1/models/a/one").statusCode());
      assertEquals(404, gateway.get("/v1/models/none").statusCode());
    }
  }

  @Test
  void theAddressOfADeploymentIsRewrittenToItsModel() throws Exception {
    try (var replica = TestingReplica.answering("a");
        var gateway =
            new TestingGateway()
                .catalog(
                    served("a", "one", "sh\"ared", List.of(replica.endpoint())),
                    served("b", "two", "sh\"ared", List.of()))) {
      HttpResponse<String> unclear = gateway.post("{\"model\":\"sh\\\"ared\"}");
      assertEquals(400, unclear.statusCode());
      assertTrue(unclear.body().contains("a/one, b/two"), unclear.body());
      assertTrue(unclear.body().contains("model_ambiguous"), unclear.body());
      assertEquals(200, gateway.post("{\"é\": 1, \"model\" : \"a/one\", \"x\": 2}").statusCode());
      assertEquals(
          "{\"é\": 1, \"model\" : \"sh\\\"ared\", \"x\": 2}", replica.calls().getFirst().body());
    }
  }

  @Test
  void answersInOpenAisFormWhatItCanNotPassOn() throws Exception {
    try (var gateway = new TestingGateway("MAX_BODY_BYTES=1000").serving()) {
      refused(404, "model_not_found", gateway.post("{\"model\": \"other\"}"));
      refused(400, "invalid_request", gateway.post("{\"model\": \"tiny\""));
      refused(400, "invalid_request", gateway.post("garbage \u0000"));
      refused(400, "invalid_request", gateway.post(""));
      refused(400, "invalid_request", gateway.post("[]"));
      refused(400, "invalid_request", gateway.post("{}"));
      refused(400, "invalid_request", gateway.post("{\"model\": 7}"));
      refused(400, "invalid_request", gateway.post("{\"model\": \"a\", \"model\": \"b\"}"));
      refused(400, "invalid_request", gateway.post("{\"model\": \"tiny\"} x"));
      refused(400, "invalid_request", gateway.post("[".repeat(900)));
      refused(413, "request_too_large", gateway.post("x".repeat(1001)));
      refused(404, "not_found", gateway.get("/nothing"));
      refused(405, "method_not_allowed", gateway.get("/v1/chat/completions"));
    }
  }

  @Test
  void aChunkedBodyIsBoundedToo() throws Exception {
    try (var gateway = new TestingGateway("MAX_BODY_BYTES=1000").serving();
        Socket client = gateway.socket()) {
      client
          .getOutputStream()
          .write(
              ("POST /v1/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
                      + ("400\r\n" + "x".repeat(1024) + "\r\n"))
                  .getBytes(StandardCharsets.UTF_8));
      String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
      assertTrue(answer.contains("request_too_large"), answer);
    }
  }

  @Test
  void aBodyThatDoesNotComeAndAConnectionWithoutARequestEnd() throws Exception {
    try (var gateway = new TestingGateway("BODY_TIMEOUT=300ms", "IDLE_TIMEOUT=300ms").serving();
        Socket half = gateway.socket();
        Socket silent = gateway.socket()) {
      half.getOutputStream()
          .write(
              "POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{"
                  .getBytes(StandardCharsets.UTF_8));
      silent.getOutputStream().write("POST /v1/comp".getBytes(StandardCharsets.UTF_8));
      String answer = new String(half.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
      assertEquals(-1, silent.getInputStream().read());
    }
  }

  @Test
  void allBodiesTogetherAreBounded() throws Exception {
    try (var stalling = new TestingReplica(TestingReplica.Call::awaitClosed);
        var gateway = new TestingGateway("MAX_BUFFERED_BYTES=1500").serving(stalling)) {
      String big = "{\"model\": \"tiny\", \"x\": \"" + "y".repeat(1000) + "\"}";
      Future<?> first = threads.submit(() -> gateway.post(big));
      await("the first", () -> stalling.calls().size() == 1);
      refused(503, "gateway_full", gateway.post(big));
      first.cancel(true);
      await("the first one's end", () -> gateway.gateway().requests() == 0);
      assertEquals(1500, gateway.gateway().bodies().left());
    }
  }

  @Test
  void requestsUnderWayAreBounded() throws Exception {
    try (var stalling = new TestingReplica(TestingReplica.Call::awaitClosed);
        var gateway = new TestingGateway("MAX_REQUESTS=1").serving(stalling)) {
      Future<?> first = threads.submit(() -> gateway.post(ASK));
      await("the first", () -> stalling.calls().size() == 1);
      HttpResponse<String> second = gateway.post(ASK);
      refused(503, "gateway_full", second);
      assertEquals("2", second.headers().firstValue("retry-after").orElseThrow());
      first.cancel(true);
    }
  }

  private static void refused(int status, String code, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertTrue(answer.body().startsWith("{\"error\":{\"message\":\""), answer.body());
    assertTrue(answer.body().contains("\"code\":\"" + code + "\""), answer.body());
    assertTrue(answer.headers().firstValue("x-request-id").isPresent());
  }

  private static BufferedReader lines(HttpResponse<InputStream> answer) {
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }
}
