package dev.kvasir.operator.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chat box sends reaches the gateway, and what comes back comes at once. */
@Timeout(30)
class ConsoleChatTest {
  private static final String HELLO =
      "{\"deployment\":\"models/sample\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

  @TempDir Path directory;
  private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<String> keys = new LinkedBlockingQueue<>();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final CountDownLatch cut = new CountDownLatch(1);
  private HttpServer gateway;
  private TestingConsole console;

  @BeforeEach
  void open() throws Exception {
    gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    gateway.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    gateway.createContext("/v1/chat/completions", this::answer);
    gateway.start();
    URI address = URI.create("http://127.0.0.1:" + gateway.getAddress().getPort());
    console = new TestingConsole(directory, Optional.of(address));
    console.tick();
  }

  @AfterEach
  void close() {
    goOn.countDown();
    console.close();
    gateway.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("authorization")));
    asked.add(body);
    if (body.contains("refuse me")) {
      byte[] refusal = "{\"error\":{\"message\":\"full\"}}".getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("retry-after", "10");
      exchange.getResponseHeaders().add("set-cookie", "not=passed");
      exchange.sendResponseHeaders(503, refusal.length);
      exchange.getResponseBody().write(refusal);
      exchange.close();
      return;
    }
    stream(exchange, body.contains("at length") ? 20_000 : 1000);
  }

  private void stream(HttpExchange exchange, int events) throws IOException {
    exchange.getResponseHeaders().add("content-type", "text/event-stream");
    exchange.sendResponseHeaders(200, 0);
    try {
      write(exchange, "data: one\n\n");
      assertTrue(goOn.await(20, TimeUnit.SECONDS));
      for (int i = 0; i < events; i++) {
        write(exchange, "data: more\n\n");
        Thread.sleep(1);
      }
      exchange.close();
    } catch (IOException e) {
      cut.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(HttpExchange exchange, String event) throws IOException {
    exchange.getResponseBody().write(event.getBytes(StandardCharsets.UTF_8));
    exchange.getResponseBody().flush();
  }

  private HttpResponse<InputStream> begin(String body) throws Exception {
    return console.http().send(console.chat(body).build(), BodyHandlers.ofInputStream());
  }

  @Test
  void streamsAsItComesAndNamesTheDeployment() throws Exception {
    HttpResponse<InputStream> answer = begin(HELLO + ",\"max_tokens\":7,\"temperature\":0.5}");
    assertEquals(200, answer.statusCode());
    byte[] first = answer.body().readNBytes("data: one\n\n".length());
    assertEquals("data: one\n\n", new String(first, StandardCharsets.UTF_8));
    goOn.countDown();
    assertEquals(1000 * "data: more\n\n".length(), answer.body().readAllBytes().length);
    assertEquals(
        "{\"model\":\"models/sample\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
            + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":7,"
            + "\"temperature\":0.5}",
        asked.poll(5, TimeUnit.SECONDS));
    assertEquals("null", keys.take(), "the console's own token stays here");
  }

  @Test
  void whoStopsIsNotServedOn() throws Exception {
    HttpResponse<InputStream> answer = begin(HELLO.replace("hi", "speak at length") + "}");
    assertTrue(answer.body().read() >= 0);
    answer.body().close();
    goOn.countDown();
    assertTrue(cut.await(10, TimeUnit.SECONDS), "the gateway sees its client go");
  }

  @Test
  void aRefusalIsPassedOnWithItsReason() throws Exception {
    HttpResponse<String> answer =
        console.send(
            console
                .chat(HELLO.replace("hi", "refuse me") + "}")
                .header("x-model-api-key", "secret"));
    assertEquals(503, answer.statusCode());
    assertEquals("{\"error\":{\"message\":\"full\"}}", answer.body());
    assertEquals("10", answer.headers().firstValue("retry-after").orElseThrow());
    assertFalse(answer.headers().firstValue("set-cookie").isPresent());
    assertEquals("Bearer secret", keys.take());
  }

  @Test
  void aGatewayThatIsGoneIsSaid() throws Exception {
    gateway.stop(0);
    HttpResponse<String> answer = console.send(console.chat(HELLO + "}"));
    assertEquals(502, answer.statusCode());
    assertTrue(answer.body().contains("the model can't be reached"), answer.body());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          nonsense                                                                             | 400 | not a request to chat
          {}                                                                                   | 400 | deployment is missing
          {"deployment":"models/sample","messages":[]}                                         | 400 | messages must be 1 to 200
          {"deployment":"models/sample","messages":[{"role":"tool","content":"x"}]}            | 400 | role must be one of
          {"deployment":"models/sample","messages":[{"role":"user"}]}                          | 400 | has no content
          {"deployment":"models/sample","messages":[{"role":"user","content":"x"}],"n":2}      | 400 | n
          {"deployment":"models/sample","messages":[{"role":"user","content":"x"}],"max_tokens":0}   | 400 | max_tokens must be 1 to 8192, not 0
          {"deployment":"models/sample","messages":[{"role":"user","content":"x"}],"temperature":3}  | 400 | temperature must be 0 to 2
          {"deployment":"kube-system/x","messages":[{"role":"user","content":"x"}]}            | 404 | there is no InferenceDeployment 'kube-system/x'
          """)
  void whatMakesNoSenseGoesNowhere(String body, int status, String said) throws Exception {
    HttpResponse<String> answer = console.send(console.chat(body));
    assertEquals(status, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains(said), answer.body());
    assertTrue(asked.isEmpty());
  }

  @Test
  void aHugeRequestIsRefused() throws Exception {
    String huge = HELLO.replace("hi", "x".repeat(ChatAsk.MOST_BYTES)) + "}";
    HttpResponse<String> answer = console.send(console.chat(huge));
    assertEquals(413, answer.statusCode());
    assertTrue(answer.body().contains("larger than 262144 bytes"), answer.body());
  }

  @Test
  void theTokenIsWantedForAChatToo() throws Exception {
    var request =
        console
            .request("/api/chat")
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString(HELLO + "}"));
    assertEquals(401, console.send(request).statusCode());
    assertTrue(asked.isEmpty());
  }
}
