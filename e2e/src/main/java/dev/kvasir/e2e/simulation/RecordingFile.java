package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.telemetry.RecordedRound;
import dev.kvasir.operator.telemetry.RecordingFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Recorded telemetry of one deployment, read round by round. */
final class RecordingFile {
  private static final int MOST_LINES = 10_000_000;

  private final Path file;
  private final StringBuilder line = new StringBuilder();
  private int number;
  private RecordedRound before;

  private RecordingFile(Path file) {
    this.file = file;
  }

  static void read(Path file, Consumer<RecordedRound> rounds) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      new RecordingFile(file).read(reader, rounds);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is no text in UTF-8", e);
    }
  }

  private void read(BufferedReader reader, Consumer<RecordedRound> rounds) throws IOException {
    while (next(reader)) {
      number++;
      if (number > MOST_LINES) {
        throw new IOException(file + ": more than " + MOST_LINES + " lines");
      }
      if (!line.toString().isBlank()) {
        before = checked(parse());
        rounds.accept(before);
      }
    }
    if (before == null) {
      throw new IOException(file + " has no rounds");
    }
  }

  /** A line without its end; a line that never ends is no reason to run out of memory. */
  private boolean next(BufferedReader reader) throws IOException {
    line.setLength(0);
    int c = reader.read();
    if (c < 0) {
      return false;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      line.append((char) c);
      if (line.length() > RecordingFormat.MOST_CHARACTERS) {
        throw new IOException(
            "%s, line %d: longer than %d characters"
                .formatted(file, number + 1, RecordingFormat.MOST_CHARACTERS));
      }
    }
    return true;
  }

  private RecordedRound parse() throws IOException {
    try {
      return RecordingFormat.read(line.toString());
    } catch (IllegalArgumentException e) {
      throw new IOException("%s, line %d: %s".formatted(file, number, e.getMessage()), e);
    }
  }

  private RecordedRound checked(RecordedRound round) throws IOException {
    if (before == null) {
      return round;
    }
    if (!round.deployment().equals(before.deployment())) {
      throw new IOException(
          "%s, line %d is of %s, the one before of %s: a recording is of one deployment"
              .formatted(file, number, round.deployment(), before.deployment()));
    }
    if (!round.snapshot().at().isAfter(before.snapshot().at())) {
      throw new IOException(
          "%s, line %d is of %s, which is not after the one before, %s"
              .formatted(file, number, round.snapshot().at(), before.snapshot().at()));
    }
    return round;
  }
}
