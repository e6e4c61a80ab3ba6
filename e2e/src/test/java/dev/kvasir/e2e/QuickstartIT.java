package dev.kvasir.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README's first command as a process, and that nothing of it is left however it ends. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class QuickstartIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();

  private final BlockingQueue<String> output = new LinkedBlockingQueue<>();
  private Process quickstart;

  @AfterEach
  void kill() {
    if (quickstart != null) {
      quickstart.destroyForcibly();
    }
  }

  @Test
  void printsWhereTheModelAnswersAndLeavesNothingAfterASignal() throws Exception {
    start("--port", "0");
    Path kubeconfig = Path.of(value("kubeconfig: "));
    String url = value("ready: ");
    assertTrue(url.matches("http://127\\.0\\.0\\.1:\\d+/v1"), url);
    assertTheConsoleOpens(value("console: "), value("console token: "));
    assertTrue(new ChatClient(url).stream("What is 17 + 25?", 8).size() > 2);
    List<ProcessHandle> started = quickstart.descendants().toList();
    assertTrue(started.size() >= 2, "an operator and a runtime were expected: " + started);

    quickstart.destroy();
    assertTrue(quickstart.waitFor(20, TimeUnit.SECONDS));
    started.forEach(process -> assertFalse(process.isAlive(), process.info()::toString));
    assertFalse(Files.exists(kubeconfig.getParent()));
  }

  private static void assertTheConsoleOpens(String url, String token) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "api/fleet"))
            .header("authorization", "Bearer " + token)
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> fleet = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertEquals(200, fleet.statusCode(), fleet.body());
      assertTrue(fleet.body().contains("\"deployment\":\"default/sample\""), fleet.body());
    }
  }

  @Test
  void leavesNoProcessWhenItIsKilled() throws Exception {
    start("--no-sample");
    Path kubeconfig = Path.of(value("kubeconfig: "));
    List<ProcessHandle> started = quickstart.descendants().toList();
    assertFalse(started.isEmpty());
    quickstart.destroyForcibly().waitFor();
    Eventually.check(
        () -> started.forEach(process -> assertFalse(process.isAlive(), process.info()::toString)));

    start("--no-sample");
    var _ = value("kubeconfig: ");
    assertFalse(
        Files.exists(kubeconfig.getParent()), "the next start removes what the killed one left");
  }

  @Test
  void saysWhichPortIsTaken() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      start("--port", Integer.toString(taken.getLocalPort()));
      assertTrue(quickstart.waitFor(60, TimeUnit.SECONDS));
      assertEquals(1, quickstart.exitValue());
      assertEquals(
          "quickstart: port "
              + taken.getLocalPort()
              + " of 127.0.0.1 is in use; choose another with --port",
          output.poll(5, TimeUnit.SECONDS));
    }
  }

  private void start(String... arguments) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var command =
        new ArrayList<>(
            List.of(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                Quickstart.class.getName(),
                "--checkout",
                CHECKOUT.toString()));
    command.addAll(List.of(arguments));
    quickstart = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader reader = quickstart.inputReader(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(() -> reader.lines().forEach(output::add));
  }

  private String value(String prefix) throws InterruptedException {
    var seen = new StringBuilder();
    while (true) {
      String line = output.poll(90, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("no line '" + prefix + "' after:\n" + seen);
      }
      if (line.startsWith(prefix)) {
        return line.substring(prefix.length());
      }
      seen.append(line).append('\n');
    }
  }
}
