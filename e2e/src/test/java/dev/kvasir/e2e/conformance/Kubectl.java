package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** kubectl as a user would run it, in one namespace. */
record Kubectl(Path kubeconfig, String namespace) {
  private static final int TIMEOUT_SECONDS = 60;

  /** What it printed, the error stream after the output. */
  record Result(int status, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  /** Runs it and fails the test if it fails. */
  Result run(String... arguments) {
    return withInput("", arguments);
  }

  Result withInput(String input, String... arguments) {
    Result result = attempt(input, arguments);
    assertEquals(
        0, result.status(), () -> "kubectl " + List.of(arguments) + ": " + result.output());
    return result;
  }

  /** Runs it and fails the test if it does not fail. */
  Result failing(String input, String... arguments) {
    Result result = attempt(input, arguments);
    assertNotEquals(0, result.status(), () -> "kubectl " + List.of(arguments) + " has passed");
    return result;
  }

  private Result attempt(String input, String... arguments) {
    try {
      Process process = start(arguments);
      try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
        stdin.write(input);
      }
      // Not on the common pool: the client's own callbacks run there.
      var output = new CompletableFuture<String>();
      Thread.startVirtualThread(() -> output.complete(text(process)));
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "kubectl " + List.of(arguments) + " takes over a minute: " + output.join());
      }
      return new Result(process.exitValue(), output.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** A kubectl that goes on; whoever starts it ends it. */
  Process start(String... arguments) throws IOException {
    Assumptions.assumeTrue(isInstalled(), "kubectl is not on the PATH");
    var command = new ArrayList<>(List.of("kubectl", "--namespace", namespace));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    return builder.start();
  }

  private static boolean isInstalled() {
    return List.of(System.getenv("PATH").split(":")).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kubectl")));
  }

  private static String text(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
