package dev.kvasir.e2e.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Runs kubectl as a process. */
final class Kubectl {
  private static final long TIMEOUT_SECONDS = 60;

  private final Path kubeconfig;

  private Kubectl(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
  }

  /** Skips the test where no kubectl is installed. */
  static Kubectl orSkip(Path kubeconfig) {
    boolean found =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kubectl")));
    assumeTrue(found, "kubectl is not on the PATH: its tests are skipped");
    return new Kubectl(kubeconfig);
  }

  /** What a command printed, and how it ended. */
  record Result(int code, String output, List<String> command) {
    String ok() {
      assertEquals(0, code, command + " said: " + output);
      return output;
    }

    String refused() {
      assertNotEquals(0, code, command + " said: " + output);
      return output;
    }
  }

  Result run(String... arguments) {
    return run("", arguments);
  }

  Result apply(String yaml, String... arguments) {
    List<String> all = new ArrayList<>(List.of("apply", "-f", "-"));
    all.addAll(List.of(arguments));
    return run(yaml, all.toArray(String[]::new));
  }

  private Result run(String input, String... arguments) {
    try {
      Process process = start(arguments);
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      return new Result(process.exitValue(), output, List.of(arguments));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while kubectl ran", e);
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
    command.add("--cache-dir=" + kubeconfig.resolveSibling("cache"));
    command.add("--request-timeout=" + TIMEOUT_SECONDS + "s");
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  Background background(String... arguments) throws IOException {
    return new Background(start(arguments));
  }

  /** A kubectl that goes on until it is closed. */
  static final class Background implements AutoCloseable {
    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Background(Process process) {
      this.process = process;
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        reader.lines().forEach(lines::add);
      } catch (IOException | UncheckedIOException e) {
        lines.add("(closed: " + e.getMessage() + ")");
      }
    }

    void awaitLine(Pattern pattern) throws InterruptedException {
      List<String> seen = new ArrayList<>();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
      while (System.nanoTime() < end) {
        String line = lines.poll(100, TimeUnit.MILLISECONDS);
        if (line != null) {
          seen.add(line);
          if (pattern.matcher(line).matches()) {
            return;
          }
        }
      }
      throw new AssertionError("no line like " + pattern + " among " + seen);
    }

    @Override
    public void close() {
      process.destroy();
    }
  }
}
