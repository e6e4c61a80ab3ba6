package dev.kvasir.e2e.monitoring;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Prometheus' own programs, fetched where the system has none. */
public final class Promtool {
  private static final Path FETCH = Path.of("prometheus/fetch").toAbsolutePath();
  private static final int NOT_TO_BE_HAD = 4;

  private Promtool() {}

  /** The result of a command. */
  public record Outcome(int status, String output) {}

  /** The folder of the programs; the test is skipped, with the reason, where they can't be had. */
  public static Path programs() throws IOException, InterruptedException {
    Outcome fetched = run(List.of(FETCH.toString()));
    Assumptions.assumeFalse(fetched.status() == NOT_TO_BE_HAD, "skipped: " + fetched.output());
    if (fetched.status() != 0) {
      throw new IOException(FETCH + ": " + fetched.output());
    }
    return Path.of(fetched.output().lines().toList().getLast());
  }

  static Outcome promtool(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(programs().resolve("promtool").toString());
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static Outcome run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    return new Outcome(process.waitFor(), output);
  }
}
