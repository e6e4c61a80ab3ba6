package dev.kvasir.e2e.controlplane;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One part of the control plane as a child process. It ends when its standard input closes, so it
 * outlives this program in no case, a kill -9 included.
 */
final class ServerProcess implements AutoCloseable {
  private static final int STOP_SECONDS = 10;
  private static final int LOG_LINES = 5;

  private final String name;
  private final Path log;
  private final Process process;

  private ServerProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  static ServerProcess start(Path binary, Path directory, String name, List<String> flags)
      throws IOException {
    var command = new ArrayList<String>(List.of(binary.toString(), name));
    command.addAll(flags);
    Path log = directory.resolve(name + ".log");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("KVASIR_EXIT_WITH_STDIN", "1");
    return new ServerProcess(name, log, builder.start());
  }

  void requireAlive() throws ControlPlaneException {
    if (!process.isAlive()) {
      throw new ControlPlaneException(
          name + " ended with status " + process.exitValue() + "; its last lines: " + lastLines());
    }
  }

  String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    } catch (IOException e) {
      return "(" + log + " can't be read: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOP_SECONDS, TimeUnit.SECONDS);
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
