package dev.kvasir.runtime.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** {@code 2026-01-01T00:00:00.000Z INFO EngineLoop: message}; a stack trace follows in its line. */
final class TextLogFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  @Override
  public String format(LogRecord event) {
    return TIME.format(event.getInstant())
        + " "
        + level(event)
        + " "
        + source(event)
        + ": "
        + oneLine(formatMessage(event) + trace(event))
        + System.lineSeparator();
  }

  static String level(LogRecord event) {
    return switch (event.getLevel().getName()) {
      case "SEVERE" -> "ERROR";
      case "FINE", "FINER", "FINEST", "CONFIG" -> "DEBUG";
      default -> event.getLevel().getName();
    };
  }

  static String source(LogRecord event) {
    String logger = String.valueOf(event.getLoggerName());
    return logger.substring(logger.lastIndexOf('.') + 1);
  }

  static String trace(LogRecord event) {
    if (event.getThrown() == null) {
      return "";
    }
    StringWriter text = new StringWriter();
    event.getThrown().printStackTrace(new PrintWriter(text));
    return "\n" + text;
  }

  /** Clients choose parts of messages: none of them may forge a line. */
  private static String oneLine(String text) {
    return text.stripTrailing().replaceAll("\\R\\s*", " | ");
  }
}
