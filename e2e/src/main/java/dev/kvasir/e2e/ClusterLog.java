package dev.kvasir.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Sends what the cluster's own parts log to a file of bounded size. */
final class ClusterLog {
  private static final int MAX_BYTES = 10 << 20;
  private static final String FORMAT = "%1$tFT%1$tT.%1$tL %4$s [%3$s] %5$s%6$s%n";

  private ClusterLog() {}

  static void write(Path file, boolean consoleAsWell) throws IOException {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    System.setProperty("java.util.logging.SimpleFormatter.format", FORMAT);
    add(root, new FileHandler(file.toString(), MAX_BYTES, 1));
    if (consoleAsWell) {
      add(root, new ConsoleHandler());
    }
  }

  private static void add(Logger root, Handler handler) {
    handler.setFormatter(new SimpleFormatter());
    root.addHandler(handler);
  }
}
