package dev.kvasir.e2e.node;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The output of one run of a container: lines with the time they came, in two files of bounded
 * size, the older of which is dropped when the newer is full.
 */
final class ContainerLog implements AutoCloseable {
  static final int MAX_LINE_BYTES = 64 * 1024;

  private final Path file;
  private final Path older;
  private final long maxFileBytes;
  private final Clock clock;
  private OutputStream out;
  private long written;
  private long generation;
  private boolean closed;

  ContainerLog(Path file, long maxFileBytes, Clock clock) throws IOException {
    this.file = file;
    this.older = file.resolveSibling(file.getFileName() + ".older");
    this.maxFileBytes = maxFileBytes;
    this.clock = clock;
    Files.createDirectories(file.getParent());
    this.out = Files.newOutputStream(file);
  }

  /** Copies a program's output until it ends. */
  void copy(InputStream program) throws IOException {
    try (var in = new BufferedInputStream(program)) {
      var line = new ByteArrayOutputStream();
      for (int b = in.read(); b >= 0; b = in.read()) {
        if (b != '\n') {
          line.write(b);
        }
        if (b == '\n' || line.size() >= MAX_LINE_BYTES) {
          append(line.toByteArray());
          line.reset();
        }
      }
      if (line.size() > 0) {
        append(line.toByteArray());
      }
    }
  }

  private synchronized void append(byte[] line) throws IOException {
    byte[] stamp = (clock.instant() + " ").getBytes(StandardCharsets.UTF_8);
    rotateFor(stamp.length + line.length + 1);
    out.write(stamp);
    out.write(line);
    out.write('\n');
    out.flush();
    written += stamp.length + line.length + 1L;
    notifyAll();
  }

  private void rotateFor(int more) throws IOException {
    if (written + more <= maxFileBytes || written == 0) {
      return;
    }
    out.close();
    Files.move(file, older, StandardCopyOption.REPLACE_EXISTING);
    out = Files.newOutputStream(file);
    written = 0;
    generation++;
  }

  /** All lines that are kept, and where to go on from. */
  synchronized Chunk read() throws IOException {
    var lines = new ArrayList<LogLine>();
    if (Files.exists(older)) {
      lines.addAll(LogLine.parse(Files.readAllBytes(older)));
    }
    lines.addAll(LogLine.parse(Files.readAllBytes(file)));
    return new Chunk(lines, new Position(generation, written), closed);
  }

  /**
   * The lines after a position, waiting for them at most this long; lines dropped meanwhile are
   * skipped.
   */
  synchronized Chunk readAfter(Position position, long waitMillis)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + waitMillis * 1_000_000;
    long left = waitMillis;
    while (!closed && left > 0 && position.equals(new Position(generation, written))) {
      wait(left);
      left = (deadline - System.nanoTime()) / 1_000_000;
    }
    var lines = new ArrayList<LogLine>();
    if (position.generation() == generation - 1 && Files.exists(older)) {
      lines.addAll(LogLine.parse(tail(older, position.offset())));
    }
    long from = position.generation() == generation ? position.offset() : 0;
    lines.addAll(LogLine.parse(tail(file, from)));
    return new Chunk(lines, new Position(generation, written), closed);
  }

  private static byte[] tail(Path file, long from) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(from);
      return in.readAllBytes();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    out.close();
    notifyAll();
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(older);
  }

  record Position(long generation, long offset) {}

  record Chunk(List<LogLine> lines, Position next, boolean ended) {}
}
