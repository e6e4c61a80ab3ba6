package dev.kvasir.runtime.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** A JSON object a line: time, level, logger, message, and exception where there is one. */
final class JsonLogFormatter extends Formatter {
  @Override
  public String format(LogRecord event) {
    ObjectNode line =
        JsonNodeFactory.instance
            .objectNode()
            .put("time", event.getInstant().toString())
            .put("level", TextLogFormatter.level(event))
            .put("logger", TextLogFormatter.source(event))
            .put("message", formatMessage(event));
    if (event.getThrown() != null) {
      line.put("exception", TextLogFormatter.trace(event).strip());
    }
    return line + System.lineSeparator();
  }
}
