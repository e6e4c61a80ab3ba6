package dev.kvasir.runtime.cli;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import picocli.CommandLine.Option;

/** Logs: one line each on standard error. */
final class LogFlags {
  enum Format {
    TEXT,
    JSON
  }

  /** The levels of System.Logger that a user may choose. */
  enum LogLevel {
    ERROR,
    WARNING,
    INFO,
    DEBUG;

    private Level level() {
      return switch (this) {
        case ERROR -> Level.SEVERE;
        case WARNING -> Level.WARNING;
        case INFO -> Level.INFO;
        case DEBUG -> Level.FINE;
      };
    }
  }

  @Option(
      names = "--log-format",
      defaultValue = "text",
      paramLabel = "text|json",
      description = "One line of text or of JSON for each message. Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Option(
      names = "--log-level",
      defaultValue = "info",
      paramLabel = "LEVEL",
      description = "error, warning, info or debug. Default: ${DEFAULT-VALUE}.")
  private LogLevel level;

  void configure() {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    Handler handler = new ConsoleHandler();
    handler.setFormatter(format == Format.JSON ? new JsonLogFormatter() : new TextLogFormatter());
    handler.setLevel(Level.ALL);
    root.addHandler(handler);
    root.setLevel(level.level());
  }
}
