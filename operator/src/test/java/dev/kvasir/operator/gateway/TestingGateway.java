package dev.kvasir.operator.gateway;

import dev.kvasir.operator.telemetry.DeploymentKey;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** A gateway that listens, with a catalog that a test writes, and a client for it. */
final class TestingGateway implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Pools pools;
  private final Gateway gateway;
  private final RunningGateway running;

  TestingGateway(String... settings) {
    Map<String, String> environment = new TreeMap<>();
    environment.put("KVASIR_GATEWAY_HOST", "127.0.0.1");
    environment.put("KVASIR_GATEWAY_PORT", "0");
    environment.put("KVASIR_GATEWAY_DRAIN_DELAY", "0s");
    for (String setting : settings) {
      String[] parts = setting.split("=", 2);
      environment.put("KVASIR_GATEWAY_" + parts[0], parts[1]);
    }
    GatewayConfig config = config(environment);
    pools = new Pools(config.maxHeld());
    gateway = new Gateway(config, pools, "test");
    running = RunningGateway.start(vertx, gateway);
  }

  static GatewayConfig config(Map<String, String> environment) {
    return new SmallRyeConfigBuilder()
        .withMapping(GatewayConfig.class)
        .withConverter(Duration.class, 300, new DurationConverter())
        .withSources(new EnvConfigSource(environment, 300))
        .build()
        .getConfigMapping(GatewayConfig.class);
  }

  /** One deployment, default/tiny. */
  TestingGateway serving(TestingReplica... replicas) {
    List<Endpoint> ready = new ArrayList<>();
    for (TestingReplica replica : replicas) {
      ready.add(replica.endpoint());
    }
    return catalog(served("default", "tiny", "tiny", ready));
  }

  TestingGateway catalog(Served... served) {
    pools.update(new Catalog(List.of(served)));
    return this;
  }

  static Served served(String namespace, String name, String model, List<Endpoint> ready) {
    return new Served(
        new DeploymentKey(namespace, name), model, true, Instant.ofEpochSecond(7), ready);
  }

  Gateway gateway() {
    return gateway;
  }

  RunningGateway running() {
    return running;
  }

  int port() {
    return running.port();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .timeout(Duration.ofSeconds(20));
  }

  HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path).build());
  }

  HttpResponse<String> post(String body) throws IOException, InterruptedException {
    return send(chat(body));
  }

  HttpResponse<InputStream> open(String body) throws IOException, InterruptedException {
    return http.send(chat(body), HttpResponse.BodyHandlers.ofInputStream());
  }

  HttpRequest chat(String body) {
    return request("/v1/chat/completions")
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  /** A connection for what no well-behaved client would send. */
  Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  static String rawChat(String body) {
    return "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s"
        .formatted(body.getBytes(StandardCharsets.UTF_8).length, body);
  }

  /** The value of a metric by its exact name and labels. */
  double metric(String series) throws IOException, InterruptedException {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen within 10 s: " + what);
      }
      Thread.sleep(5);
    }
  }

  @Override
  public void close() {
    running.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
