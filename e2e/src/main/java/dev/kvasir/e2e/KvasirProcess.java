package dev.kvasir.e2e;

import dev.kvasir.e2e.controlplane.FreePort;
import dev.kvasir.e2e.process.Child;
import dev.kvasir.e2e.process.Children;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The operator of this checkout or its gateway as a process of its own, the same program that a
 * cluster runs as a pod.
 */
final class KvasirProcess {
  private final String role;
  private final Child process;
  private final Path log;

  private KvasirProcess(String role, Child process, Path log) {
    this.role = role;
    this.process = process;
    this.log = log;
  }

  /**
   * @param settings the program's environment besides what every role has
   */
  static KvasirProcess start(
      String role,
      Path checkout,
      Path kubeconfig,
      Path log,
      Map<String, String> settings,
      Children children)
      throws IOException {
    Path program = checkout.resolve("operator/bin/operator");
    var builder =
        new ProcessBuilder(program.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("KVASIR_ROLE", role);
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(FreePort.choose()));
    builder.environment().putAll(settings);
    return new KvasirProcess(role, children.start(builder), log);
  }

  /** Ends it at once, as a node that fails would. */
  void kill() throws InterruptedException {
    process.kill();
    var _ = process.waitFor();
  }

  /** Fails, with what it said last, where it has ended. */
  void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(
          "the %s has ended; the last lines of %s:\n%s".formatted(role, log, lastLines(20)));
    }
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  private String lastLines(int count) {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.UTF_8)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - count), all.size()));
    } catch (IOException e) {
      return "(its log can't be read: " + e.getMessage() + ")";
    }
  }
}
