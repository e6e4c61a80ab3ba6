package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.http.TestingRuntime.Reply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Requests that take long to read: the others are answered meanwhile. */
class LongWorkTest {
  private static final int BUSY = 2 * Runtime.getRuntime().availableProcessors();

  @Test
  void aProbeIsAnsweredWhileManyPromptsAreReadAtOnce() throws Exception {
    AtomicBoolean released = new AtomicBoolean();
    AtomicInteger begun = new AtomicInteger();
    Router router =
        new Router()
            .add("GET", "/probe", call -> call.send(200, JsonText.newObject()))
            .add(
                "GET",
                "/long",
                call -> call.send(200, call.work(true, () -> spin(begun, released))));
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (HttpClient client = HttpClient.newHttpClient();
        TestingRuntime others = TestingRuntime.starting();
        ApiServer server =
            new ApiServer(
                free,
                router,
                HttpLimits.standard(),
                ApiKeys.none(),
                path -> false,
                others.observer())) {
      server.start();
      String root = "http://127.0.0.1:" + server.port();
      List<CompletableFuture<Integer>> busy = new ArrayList<>();
      for (int i = 0; i < BUSY; i++) {
        busy.add(
            client
                .sendAsync(get(root + "/long"), BodyHandlers.discarding())
                .thenApply(r -> r.statusCode()));
      }
      TestingRuntime.await("work has begun", () -> begun.get() > 0);
      assertEquals(200, client.send(get(root + "/probe"), BodyHandlers.discarding()).statusCode());
      released.set(true);
      for (CompletableFuture<Integer> each : busy) {
        assertEquals(200, each.get());
      }
    }
  }

  private static HttpRequest get(String uri) {
    return HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(20)).build();
  }

  /** Without ever waiting, as native code does. */
  private static com.fasterxml.jackson.databind.node.ObjectNode spin(
      AtomicInteger begun, AtomicBoolean released) {
    begun.incrementAndGet();
    long deadline = System.nanoTime() + Duration.ofSeconds(25).toNanos();
    while (!released.get() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    return JsonText.newObject();
  }

  @Test
  void aTextThatCantFitIsRefusedBeforeItIsTokenized() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      long most = runtime.tokenizer.mostCharacters(runtime.engine.limits().maxModelLen());
      Reply reply = complete(runtime, "a b ".repeat((int) most / 4 + 1));
      assertEquals("context_length_exceeded", reply.code());
      assertTrue(reply.error().contains("characters"), reply.error());
    }
  }

  @Test
  void aRunThatWouldAbortTheTokenizerIsRefused() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.maxModelLen(1 << 20);
      Reply reply = complete(runtime, "x" + " ".repeat((1 << 20) + 1));
      assertEquals(400, reply.status());
      assertTrue(reply.error().contains("in a row"), reply.error());
      assertEquals("prompt", reply.json().at("/error/param").asText());
    }
  }

  private static Reply complete(TestingRuntime runtime, String prompt) throws Exception {
    return runtime.post("/v1/completions", "{\"prompt\": \"" + prompt + "\", \"max_tokens\": 1}");
  }
}
