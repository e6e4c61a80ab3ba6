package dev.kvasir.e2e;

import dev.kvasir.e2e.process.Child;
import dev.kvasir.e2e.process.Children;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The operator of this checkout as a process of its own, the same program that a cluster runs as a
 * pod.
 */
final class OperatorProcess {
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m";

  private final Child process;
  private final Path log;
  private final int port;

  private OperatorProcess(Child process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  static OperatorProcess start(Path checkout, Path kubeconfig, Path log, Children children)
      throws IOException {
    Path program = checkout.resolve("operator/bin/operator");
    int port = freePort();
    var builder =
        new ProcessBuilder(program.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    builder.environment().putIfAbsent("KVASIR_JAVA_OPTIONS", QUICK_START);
    return new OperatorProcess(children.start(builder), log, port);
  }

  /** Ends it at once, as a node that fails would. */
  void kill() throws InterruptedException {
    process.kill();
    var _ = process.waitFor();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  int port() {
    return port;
  }

  Path log() {
    return log;
  }

  /** What it said last, for a message about its end. */
  String lastLines(int count) {
    try (Stream<String> lines = Files.lines(log, StandardCharsets.UTF_8)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - count), all.size()));
    } catch (IOException e) {
      return "(its log can't be read: " + e.getMessage() + ")";
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
