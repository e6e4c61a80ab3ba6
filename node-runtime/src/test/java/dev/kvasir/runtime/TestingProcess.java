package dev.kvasir.runtime;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The real program, started through bin/node-runtime with the sample model. */
final class TestingProcess implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration START = Duration.ofSeconds(90);

  final Process process;
  final Path log;
  final Path terminationLog;
  private final int port;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private TestingProcess(Process process, Path log, Path terminationLog, int port) {
    this.process = process;
    this.log = log;
    this.terminationLog = terminationLog;
    this.port = port;
  }

  /** Starts it and waits until it is ready. */
  static TestingProcess serve(Path folder, String... flags)
      throws IOException, InterruptedException {
    int port = freePort();
    Path log = folder.resolve("log");
    Path terminationLog = folder.resolve("termination-log");
    List<String> command =
        new ArrayList<>(
            List.of(
                "bin/node-runtime",
                "serve",
                "--model",
                "bundled://sample",
                "--host",
                "127.0.0.1",
                "--port",
                String.valueOf(port),
                "--admin-port",
                "0"));
    command.addAll(List.of(flags));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    builder.environment().put("KVASIR_TERMINATION_LOG", terminationLog.toString());
    TestingProcess runtime = new TestingProcess(builder.start(), log, terminationLog, port);
    runtime.awaitReady();
    return runtime;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        close();
        fail("it did not become ready:\n" + Files.readString(log));
      }
      Thread.sleep(20);
    }
  }

  private boolean isReady() throws InterruptedException {
    try {
      return client
              .send(request("/health/ready").build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofMinutes(2));
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  String get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString()).body();
  }

  /** The value of a metric without labels of interest. */
  double metric(String name) throws IOException, InterruptedException {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  static JsonNode json(String text) throws IOException {
    return MAPPER.readTree(text);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
