package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.template.ChatTemplate;
import dev.kvasir.runtime.template.TemplateFiles;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** The real server on loopback ports over a {@link TestingEngine}, and a client for it. */
final class TestingRuntime implements AutoCloseable {
  static final int EOS = 1;
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  final TestingEngine engine = new TestingEngine();
  final RuntimeState state = new RuntimeState(Duration.ofSeconds(60));
  final Admission admission = new Admission(Clock.systemUTC(), Duration.ofMillis(1500));
  final Map<String, Integer> rejected = new ConcurrentHashMap<>();
  final Map<ServerObserver.Outcome, Integer> ended = new ConcurrentHashMap<>();
  final Tokenizer tokenizer;
  final RuntimeServer server;
  private final Path checkpoint;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private TestingRuntime(HttpLimits limits, ApiKeys apiKeys, ApiKeys adminKeys) throws IOException {
    this("bytelevel", limits, apiKeys, adminKeys);
  }

  private TestingRuntime(String model, HttpLimits limits, ApiKeys apiKeys, ApiKeys adminKeys)
      throws IOException {
    checkpoint = CHECKPOINTS.resolve(model);
    tokenizer = Tokenizer.load(checkpoint);
    InetSocketAddress free = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server =
        RuntimeServer.start(
            new RuntimeServer.Settings(
                free,
                free,
                limits,
                apiKeys,
                adminKeys,
                "1.2.3",
                () -> "x 1\n".getBytes(StandardCharsets.UTF_8)),
            state,
            admission,
            observer());
  }

  /** Listens, and has no model yet. */
  static TestingRuntime starting() throws IOException {
    return new TestingRuntime(HttpLimits.standard(), ApiKeys.none(), ApiKeys.none());
  }

  static TestingRuntime serving() throws IOException {
    return serving(HttpLimits.standard());
  }

  static TestingRuntime serving(HttpLimits limits) throws IOException {
    TestingRuntime runtime = new TestingRuntime(limits, ApiKeys.none(), ApiKeys.none());
    runtime.load();
    return runtime;
  }

  /** With the tokenizer of another one of the checkpoints. */
  static TestingRuntime serving(String model) throws IOException {
    TestingRuntime runtime =
        new TestingRuntime(model, HttpLimits.standard(), ApiKeys.none(), ApiKeys.none());
    runtime.load();
    return runtime;
  }

  static TestingRuntime guarded(ApiKeys apiKeys, ApiKeys adminKeys) throws IOException {
    TestingRuntime runtime = new TestingRuntime(HttpLimits.standard(), apiKeys, adminKeys);
    runtime.load();
    return runtime;
  }

  void load() throws IOException {
    load(TemplateFiles.read(checkpoint));
  }

  void load(Optional<ChatTemplate> template) {
    load(template, new ServedModel.Defaults(1, 1, 0, 0, 1, Set.of(EOS)));
  }

  void load(Optional<ChatTemplate> template, ServedModel.Defaults defaults) {
    state.serving(
        new ServedModel(
            List.of("test", "alias"),
            engine,
            tokenizer,
            template,
            ReplyFormats.of(template, "auto", "auto", true),
            new GrammarSource(checkpoint),
            defaults,
            1234));
  }

  ServerObserver observer() {
    return new ServerObserver() {
      @Override
      public void rejected(String reason) {
        rejected.merge(reason, 1, Integer::sum);
      }

      @Override
      public void ended(Outcome outcome) {
        ended.merge(outcome, 1, Integer::sum);
      }

      @Override
      public void stoppedByString(GenerationRequest request) {}

      @Override
      public void promptAnswered(int n, int mostOutputTokens) {}

      @Override
      public void betweenTokens(long nanos) {}
    };
  }

  /** What the engine will answer every prompt with. */
  void answers(String text) {
    engine.answer(tokenizer.encode(text, false), EOS);
  }

  record Reply(int status, HttpResponse<String> response) {
    JsonNode json() {
      try {
        return MAPPER.readTree(response.body());
      } catch (IOException e) {
        throw new UncheckedIOException(response.body(), e);
      }
    }

    String error() {
      return json().path("error").path("message").asText();
    }

    String code() {
      return json().path("error").path("code").asText();
    }

    /** The data of each event, comments left out. */
    List<String> events() {
      List<String> events = new ArrayList<>();
      response
          .body()
          .lines()
          .filter(l -> l.startsWith("data: "))
          .forEach(l -> events.add(l.substring(6)));
      return events;
    }

    List<JsonNode> chunks() {
      return events().stream()
          .filter(event -> !event.equals("[DONE]"))
          .map(event -> {
            try {
              return MAPPER.readTree(event);
            } catch (IOException e) {
              throw new UncheckedIOException(event, e);
            }
          })
          .toList();
    }
  }

  Reply get(String path) throws Exception {
    return send("GET", server.apiPort(), path, null);
  }

  Reply post(String path, String body) throws Exception {
    return send("POST", server.apiPort(), path, body);
  }

  Reply admin(String method) throws Exception {
    return send(method, server.adminPort(), "/drain", null);
  }

  Reply send(String method, int port, String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), response);
  }

  /** A connection of its own, for what no HTTP client would send. */
  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.apiPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** Sends bytes and reads until the server closes or falls silent. */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  static String request(String path, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        fail("not within 15 s: " + what);
      }
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    server.close();
    engine.close();
  }
}
