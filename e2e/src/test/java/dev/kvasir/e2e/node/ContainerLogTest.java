package dev.kvasir.e2e.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

  @TempDir Path directory;

  @Test
  void keepsLinesAndTheirTimes() throws IOException {
    try (var log = new ContainerLog(directory.resolve("log"), 1000, CLOCK)) {
      log.copy(bytes("one\ntwo\nno newline"));
      assertEquals(List.of("one", "two", "no newline"), texts(log.read()));
      assertEquals("2026-01-01T00:00:00Z one\n", log.read().lines().getFirst().render(true));
    }
  }

  @Test
  void itsFilesStayWithinTheirBoundAndTheNewestLinesAreKept() throws IOException {
    try (var log = new ContainerLog(directory.resolve("log"), 1000, CLOCK)) {
      for (int i = 0; i < 500; i++) {
        log.copy(bytes("line " + i + "\n"));
      }
      try (var files = Files.list(directory)) {
        assertTrue(files.mapToLong(ContainerLogTest::size).sum() <= 2000);
      }
      List<String> kept = texts(log.read());
      assertEquals("line 499", kept.getLast());
      assertEquals(
          IntStream.range(500 - kept.size(), 500).mapToObj(i -> "line " + i).toList(), kept);
    }
  }

  @Test
  void aReaderGoesOnWhereItWasAlsoAcrossTheBound() throws Exception {
    try (var log = new ContainerLog(directory.resolve("log"), 400, CLOCK)) {
      log.copy(bytes("first\n"));
      var chunk = log.read();
      int seen = 1;
      for (int i = 0; i < 50; i++) {
        log.copy(bytes("line " + i + "\n"));
        chunk = log.readAfter(chunk.next(), 0);
        assertEquals(List.of("line " + i), texts(chunk));
        seen++;
      }
      assertEquals(51, seen);
    }
  }

  @Test
  void aFollowerIsWokenByALineAndByTheEnd() throws Exception {
    var log = new ContainerLog(directory.resolve("log"), 400, CLOCK);
    var start = log.read().next();
    Thread.ofVirtual().start(() -> copy(log, "late\n"));
    var chunk = log.readAfter(start, 10_000);
    assertEquals(List.of("late"), texts(chunk));
    Thread.ofVirtual().start(() -> close(log));
    assertTrue(log.readAfter(chunk.next(), 10_000).ended());
  }

  @Test
  void aLineWithoutEndIsCut() throws IOException {
    try (var log = new ContainerLog(directory.resolve("log"), 1 << 20, CLOCK)) {
      log.copy(bytes("x".repeat(ContainerLog.MAX_LINE_BYTES + 1)));
      assertEquals(
          List.of(ContainerLog.MAX_LINE_BYTES, 1),
          texts(log.read()).stream().map(String::length).toList());
    }
  }

  @Test
  void queriesSelectByTailAndTime() {
    Instant now = Instant.parse("2026-01-01T00:01:00Z");
    var lines =
        IntStream.range(0, 60)
            .mapToObj(i -> new LogLine(now.minusSeconds(60 - i), "l" + i))
            .toList();
    assertEquals(2, LogQuery.of(Map.of("tailLines", "2"), now).select(lines).size());
    assertEquals(10, LogQuery.of(Map.of("sinceSeconds", "10"), now).select(lines).size());
    assertEquals(60, LogQuery.of(Map.of(), now).select(lines).size());
    assertEquals(0, LogQuery.of(Map.of("tailLines", "0"), now).select(lines).size());
  }

  private static ByteArrayInputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> texts(ContainerLog.Chunk chunk) {
    return chunk.lines().stream().map(LogLine::text).toList();
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  private static void copy(ContainerLog log, String text) {
    try {
      log.copy(bytes(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(ContainerLog log) {
    try {
      log.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
