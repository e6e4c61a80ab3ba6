package dev.kvasir.operator.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.Fleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.Member;
import dev.kvasir.operator.telemetry.TestingFleet;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A console that listens, over one deployment that can be read and others that a test adds. */
final class TestingConsole implements AutoCloseable, Fleet {
  static final String TOKEN = "a-token-of-enough-characters";
  static final String SPEC = "{model: {uri: 'bundled://sample'}, scaling: {maxReplicas: 5}}";

  final TestingFleet sample = new TestingFleet(SPEC);
  final FleetTelemetry telemetry = sample.telemetry;
  final List<Member> others = new ArrayList<>();
  final Token token;
  boolean leads = true;
  Optional<String> leader = Optional.empty();

  private static final JsonMapper JSON = new JsonMapper();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Sampler sampler =
      new Sampler(
          this,
          telemetry,
          new Sampler.Operator(() -> leads, () -> leader, () -> true),
          new History(5),
          sample);
  private final HttpServer server;

  TestingConsole(Path directory, Optional<URI> gateway) throws IOException {
    token = Token.of(Files.writeString(directory.resolve("token"), TOKEN + "\n"));
    Router router = Router.router(vertx);
    new ConsoleRoutes(
            token,
            sampler,
            new Answers("1.0", Duration.ofSeconds(2), Duration.ofSeconds(10)),
            new ChatRelay(vertx, gateway),
            new Assets())
        .register(router);
    server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  @Override
  public List<Member> members() {
    List<Member> all = new ArrayList<>(others);
    all.add(sample.member());
    return all;
  }

  @Override
  public void wake(DeploymentKey key) {
    throw new AssertionError("the console wakes nobody");
  }

  /** Two seconds pass: the pods are read, and the console looks. */
  void tick() throws InterruptedException {
    sample.tick();
    sampler.look();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.actualPort() + "/console" + path))
        .timeout(Duration.ofSeconds(20));
  }

  HttpRequest.Builder authorized(String path) {
    return request(path).header("authorization", "Bearer " + TOKEN);
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  HttpClient http() {
    return http;
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return JSON.readTree(send(authorized(path)).body());
  }

  JsonNode fleet(String filter) throws IOException, InterruptedException {
    return json("/api/fleet?filter=" + URLEncoder.encode(filter, StandardCharsets.UTF_8));
  }

  HttpRequest.Builder chat(String body) {
    return authorized("/api/chat").POST(HttpRequest.BodyPublishers.ofString(body));
  }

  @Override
  public void close() {
    sampler.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
