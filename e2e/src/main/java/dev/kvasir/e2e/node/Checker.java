package dev.kvasir.e2e.node;

import dev.kvasir.e2e.process.Child;
import dev.kvasir.e2e.process.Children;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Carries out checks. The answer is empty where the check passed, else what went wrong. */
final class Checker {
  private final Children children;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  Checker(Children children) {
    this.children = children;
  }

  Optional<String> failure(Check check, Launch launch, Duration timeout)
      throws InterruptedException {
    try {
      return switch (check) {
        case Check.Http get -> http(get, timeout);
        case Check.Tcp tcp -> tcp(tcp, timeout);
        case Check.Exec exec -> exec(exec, launch, timeout);
        case Check.Sleep(Duration duration) -> sleep(duration, timeout);
      };
    } catch (ConnectException e) {
      return Optional.of("connection refused");
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }
  }

  private Optional<String> http(Check.Http get, Duration timeout)
      throws IOException, InterruptedException {
    String path = get.path().startsWith("/") ? get.path() : "/" + get.path();
    var request =
        HttpRequest.newBuilder(URI.create("http://" + get.host() + ":" + get.port() + path))
            .timeout(timeout)
            .GET();
    get.headers().forEach(request::header);
    int status = http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    boolean passed = status >= 200 && status < 400;
    return passed ? Optional.empty() : Optional.of("HTTP probe failed with statuscode: " + status);
  }

  private static Optional<String> tcp(Check.Tcp tcp, Duration timeout) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(tcp.host(), tcp.port()), (int) timeout.toMillis());
      return Optional.empty();
    }
  }

  private Optional<String> exec(Check.Exec exec, Launch launch, Duration timeout)
      throws IOException, InterruptedException {
    var builder = launch.builder(exec.command().stream().map(launch.mounts()::rewrite).toList());
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Child child = children.start(builder);
    if (!child.waitFor(timeout)) {
      child.kill();
      return Optional.of("command timed out after " + timeout.toSeconds() + "s");
    }
    int status = child.exitStatus();
    return status == 0 ? Optional.empty() : Optional.of("command exited with status " + status);
  }

  private static Optional<String> sleep(Duration duration, Duration limit)
      throws InterruptedException {
    Thread.sleep(duration.compareTo(limit) < 0 ? duration : limit);
    return Optional.empty();
  }
}
