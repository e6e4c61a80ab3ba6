package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.http.ServerObserver.Outcome;
import dev.kvasir.runtime.http.TestingRuntime.Reply;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifecycleTest {
  private static final String BODY =
      "{\"prompt\": \"x\", \"max_tokens\": 900, \"ignore_eos\": true, \"stream\": %s}";

  @Test
  void beforeTheModelIsLoadedItLivesButIsNotReady() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.starting()) {
      assertEquals(200, runtime.get("/health/live").status());
      for (String path :
          new String[] {"/health", "/health/startup", "/health/ready", "/v1/models"}) {
        Reply reply = runtime.get(path);
        assertEquals(503, reply.status(), path);
        assertTrue(reply.response().headers().firstValue("Retry-After").isPresent(), path);
      }
      assertEquals(503, runtime.post("/v1/completions", "{\"prompt\": \"x\"}").status());
      assertEquals(200, runtime.get("/metrics").status());
      runtime.load();
      for (String path :
          new String[] {"/health", "/health/startup", "/health/ready", "/v1/models"}) {
        assertEquals(200, runtime.get(path).status(), path);
      }
      assertEquals("1.2.3", runtime.get("/version").json().get("version").asText());
      assertEquals("alias", runtime.get("/v1/models/alias").json().get("id").asText());
    }
  }

  @Test
  void healthIsForwardProgress() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.stepAge(600);
      assertEquals(503, runtime.get("/health/live").status());
      assertEquals(503, runtime.get("/health/ready").status());
      runtime.engine.stepAge(0);
      assertEquals(200, runtime.get("/health/live").status());
      runtime.engine.stop("the device is lost");
      assertEquals("the device is lost", runtime.get("/health/live").error());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClientThatLeavesFreesItsBlocks(boolean stream) throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      // So slow that no write would ever meet the closed connection.
      runtime.engine.pace(Duration.ofMillis(stream ? 20 : 3000));
      try (Socket socket = runtime.connect()) {
        send(socket, BODY.formatted(stream));
        TestingRuntime.await("the request runs", () -> runtime.engine.running() == 1);
        if (stream) {
          assertTrue(socket.getInputStream().read(new byte[64]) > 0);
        }
      }
      TestingRuntime.await("its blocks are free", () -> runtime.engine.running() == 0);
      TestingRuntime.await("it is counted", () -> runtime.ended.containsKey(Outcome.CANCELLED));
      assertEquals(0, runtime.admission.inside());
    }
  }

  @Test
  void aReaderThatTakesNothingIsCancelled() throws Exception {
    HttpLimits impatient =
        new HttpLimits(1 << 20, 100, Duration.ofSeconds(5), Duration.ofMillis(500));
    try (TestingRuntime runtime = TestingRuntime.serving(impatient);
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), runtime.server.apiPort()));
      runtime.engine.pace(Duration.ofNanos(1000));
      String many =
          "{\"prompt\": [7], \"n\": 100, \"max_tokens\": 900, \"ignore_eos\": true,"
              + " \"logprobs\": 1, \"stream\": true}";
      send(socket, many);
      TestingRuntime.await("it is cancelled", () -> runtime.ended.containsKey(Outcome.CANCELLED));
      TestingRuntime.await("all is free", () -> runtime.engine.running() == 0);
      assertEquals(200, runtime.get("/health").status());
    }
  }

  private static void send(Socket socket, String body) throws Exception {
    OutputStream out = socket.getOutputStream();
    out.write(TestingRuntime.request("/v1/completions", body).getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Test
  void aBodyThatDoesNotArriveGetsA408() throws Exception {
    HttpLimits impatient =
        new HttpLimits(1 << 20, 100, Duration.ofMillis(300), Duration.ofSeconds(5));
    try (TestingRuntime runtime = TestingRuntime.serving(impatient);
        Socket socket = runtime.connect()) {
      socket
          .getOutputStream()
          .write(
              "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"
                  .getBytes(StandardCharsets.US_ASCII));
      String reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(reply.startsWith("HTTP/1.1 408"), reply);
      assertTrue(reply.contains("request_timeout"), reply);
    }
  }

  @Test
  void aBodyOverTheLimitGetsA413() throws Exception {
    HttpLimits small = new HttpLimits(1000, 100, Duration.ofSeconds(5), Duration.ofSeconds(5));
    try (TestingRuntime runtime = TestingRuntime.serving(small)) {
      String body = "{\"prompt\": \"" + "a".repeat(2_000_000) + "\"}";
      Reply announced = runtime.post("/v1/completions", body);
      assertEquals(413, announced.status());
      String chunk = Integer.toHexString(2000) + "\r\n" + "a".repeat(2000) + "\r\n0\r\n\r\n";
      String chunked =
          runtime.raw(
              "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + chunk);
      assertTrue(chunked.startsWith("HTTP/1.1 413"), chunked);
    }
  }

  @Test
  void moreRequestsThanTheLimitGetA429() throws Exception {
    HttpLimits one = new HttpLimits(1000, 1, Duration.ofSeconds(5), Duration.ofSeconds(5));
    try (TestingRuntime runtime = TestingRuntime.serving(one);
        Socket socket = runtime.connect()) {
      runtime.engine.pace(Duration.ofMillis(50));
      send(socket, BODY.formatted(true));
      TestingRuntime.await("the request runs", () -> runtime.engine.running() == 1);
      assertEquals(429, runtime.get("/v1/models").status());
    }
  }

  @Test
  void aDrainFinishesWhatRunsAndRefusesWhatComesLate() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.pace(Duration.ofMillis(10));
      CompletableFuture<Reply> running = CompletableFuture.supplyAsync(() -> stream(runtime, 100));
      TestingRuntime.await("the stream runs", () -> runtime.engine.running() == 1);
      Reply drain = runtime.admin("POST");
      assertEquals(202, drain.status());
      assertEquals("{\"state\":\"draining\",\"running\":1,\"waiting\":0}", drain.response().body());
      assertEquals(202, runtime.admin("POST").status());
      assertEquals(503, runtime.get("/health/ready").status());
      assertEquals(200, runtime.get("/health/live").status());
      Reply early = runtime.post("/v1/completions", "{\"prompt\": \"x\", \"max_tokens\": 1}");
      assertEquals(200, early.status(), "stale endpoints send some for a while");
      TestingRuntime.await("the delay is over", () -> refuses(runtime));
      assertEquals("[DONE]", running.join().events().getLast());
      TestingRuntime.await("all is done", runtime.admission::isDrained);
      assertEquals("drained", runtime.admin("GET").json().get("state").asText());
      assertEquals(200, runtime.admin("DELETE").status());
      assertEquals(200, runtime.get("/health/ready").status());
      assertEquals(200, runtime.post("/v1/completions", "{\"prompt\": \"x\"}").status());
    }
  }

  private static Reply stream(TestingRuntime runtime, int tokens) {
    try {
      return runtime.post(
          "/v1/completions",
          "{\"prompt\": \"x\", \"max_tokens\": " + tokens + ", \"stream\": true}");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean refuses(TestingRuntime runtime) {
    Reply reply = stream(runtime, 1);
    return reply.status() == 503
        && reply.response().headers().firstValue("Retry-After").isPresent()
        && reply.code().equals("draining");
  }

  @Test
  void whatIsCutAtTheEndIsToldAndCounted() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.pace(Duration.ofMillis(20));
      CompletableFuture<Reply> running = CompletableFuture.supplyAsync(() -> stream(runtime, 900));
      TestingRuntime.await("the stream runs", () -> runtime.engine.running() == 1);
      runtime.admission.drain();
      assertEquals(1, runtime.admission.awaitDrained(Duration.ofMillis(400)));
      runtime.admission.cut();
      runtime.engine.close();
      assertEquals(
          "this replica is shutting down",
          running.join().chunks().getLast().at("/error/message").asText());
      TestingRuntime.await("it is counted", () -> runtime.ended.containsKey(Outcome.DROPPED));
    }
  }

  @Test
  void keysGuardTheApiAndTokensTheAdminPort(@TempDir Path folder) throws Exception {
    Path keys = Files.writeString(folder.resolve("keys"), "first\n\n  second  \n");
    Path tokens = Files.writeString(folder.resolve("tokens"), "admin\n");
    try (TestingRuntime runtime =
        TestingRuntime.guarded(ApiKeys.read(keys), ApiKeys.read(tokens))) {
      assertEquals(401, runtime.get("/v1/models").status());
      assertEquals(401, status(runtime, "Bearer third"));
      assertEquals(401, status(runtime, "Basic second"));
      assertEquals(200, status(runtime, "Bearer second"));
      assertEquals(200, status(runtime, "bearer first"));
      assertEquals(200, runtime.get("/health/ready").status());
      assertEquals(200, runtime.get("/metrics").status());
      assertEquals(401, runtime.admin("POST").status());
      assertFalse(runtime.admission.isDraining());
      assertEquals(
          202,
          runtime
              .send(
                  "POST",
                  runtime.server.adminPort(),
                  "/drain",
                  null,
                  "Authorization",
                  "Bearer admin")
              .status());
    }
  }

  private static int status(TestingRuntime runtime, String authorization) throws Exception {
    return runtime
        .send("GET", runtime.server.apiPort(), "/v1/models", null, "Authorization", authorization)
        .status();
  }

  @Test
  void aRequestIdIsKeptOrMade() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      Reply kept =
          runtime.send("GET", runtime.server.apiPort(), "/health", null, "x-request-id", "abc-1");
      assertEquals("abc-1", kept.response().headers().firstValue("x-request-id").orElseThrow());
      Reply made =
          runtime.send("GET", runtime.server.apiPort(), "/health", null, "x-request-id", "a b");
      assertEquals(36, made.response().headers().firstValue("x-request-id").orElseThrow().length());
    }
  }

  @Test
  void aConnectionServesOneRequestAfterAnother() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving();
        Socket socket = runtime.connect()) {
      InputStream in = socket.getInputStream();
      for (int i = 0; i < 3; i++) {
        socket
            .getOutputStream()
            .write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder reply = new StringBuilder();
        while (reply.indexOf("healthy") < 0) {
          reply.append((char) in.read());
        }
        assertTrue(
            reply.toString().startsWith(i == 0 ? "HTTP/1.1 200" : "\"}HTTP/1.1 200"),
            reply::toString);
      }
    }
  }
}
