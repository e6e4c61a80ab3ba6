import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Records the cache that the runtime starts from (JEP 483, 514 and 515: loaded classes and the
 * profiles of hot methods): starts the program with the sample model, asks what users ask first,
 * and stops it. Run by the build: {@code java RecordAotCache.java PROGRAM CACHE}.
 */
class RecordAotCache {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int CONVERSATIONS = 12;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final long deadline = System.nanoTime() + PATIENCE.toNanos();
  private final String base;
  private final Process process;
  private final Path log;

  private RecordAotCache(String base, Process process, Path log) {
    this.base = base;
    this.process = process;
    this.log = log;
  }

  public static void main(String[] args) throws Exception {
    Path cache = Path.of(args[1]).toAbsolutePath();
    Path log = Path.of(cache + ".log");
    Files.deleteIfExists(cache);
    int port = freePort();
    ProcessBuilder builder =
        new ProcessBuilder(args[0], "serve", "--model", "bundled://sample", "--host", "127.0.0.1");
    builder.command().addAll(java.util.List.of("--port", "" + port, "--admin-port", "0"));
    builder.environment().put("JAVA_OPTS", "-XX:AOTCacheOutput=" + cache);
    builder.environment().put("KVASIR_TERMINATION_LOG", cache + ".end");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      new RecordAotCache("http://127.0.0.1:" + port, process, log).record(cache);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(Path.of(cache + ".end"));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void record(Path cache) throws IOException, InterruptedException {
    while (!isReady()) {
      requireAlive();
      Thread.sleep(50);
    }
    for (int i = 0; i < CONVERSATIONS; i++) {
      ask("/v1/chat/completions", chat(i % 2 == 0));
    }
    ask("/v1/completions", "{'model':'sample','prompt':'Hello','max_tokens':8,'logprobs':1}");
    get("/metrics");
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || !Files.isRegularFile(cache)) {
      throw failed("the program ended without a cache");
    }
  }

  private static String chat(boolean stream) {
    return ("{'model':'sample','stream':%b,'max_tokens':48,'messages':[{'role':'user','content':"
            + "'Hello! What is the capital of France?'}]}")
        .formatted(stream);
  }

  private boolean isReady() throws InterruptedException {
    try {
      return get("/health/ready") == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private int get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + path)).build();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private void ask(String path, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", "application/json")
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw failed(path + " answered " + answer.statusCode() + ": " + answer.body());
    }
  }

  private void requireAlive() throws IOException {
    if (!process.isAlive() || System.nanoTime() > deadline) {
      throw failed("the program did not become ready");
    }
  }

  private IllegalStateException failed(String why) throws IOException {
    return new IllegalStateException(why + "; its log, " + log + ":\n" + Files.readString(log));
  }
}
