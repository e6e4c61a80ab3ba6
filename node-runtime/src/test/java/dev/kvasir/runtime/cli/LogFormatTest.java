package dev.kvasir.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogFormatTest {
  private static LogRecord event() {
    LogRecord event = new LogRecord(Level.SEVERE, "first\nforged INFO line {0}");
    event.setParameters(new Object[] {"x"});
    event.setLoggerName("dev.kvasir.Some");
    event.setThrown(new IllegalStateException("why"));
    return event;
  }

  @Test
  void aMessageAndItsTraceAreOneLine() {
    String line = new TextLogFormatter().format(event());
    assertEquals(1, line.lines().count(), line);
    assertTrue(line.contains("ERROR Some: first | forged INFO line x"), line);
    assertTrue(line.contains("IllegalStateException: why"), line);
  }

  @Test
  void jsonHasTheSameFields() throws Exception {
    String line = new JsonLogFormatter().format(event());
    assertEquals(1, line.lines().count(), line);
    JsonNode json = new ObjectMapper().readTree(line);
    assertEquals("ERROR", json.get("level").asText());
    assertEquals("first\nforged INFO line x", json.get("message").asText());
    assertTrue(json.get("exception").asText().contains("why"));
  }
}
