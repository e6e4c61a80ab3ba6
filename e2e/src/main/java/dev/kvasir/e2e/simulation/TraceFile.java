package dev.kvasir.e2e.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A recorded trace: a line a request, {@code seconds,prompt tokens,output tokens}. */
public final class TraceFile {
  private static final int MOST_LINES = 10_000_000;

  private TraceFile() {}

  public static List<Arrival> read(Path file) throws IOException {
    List<Arrival> arrivals = new ArrayList<>();
    try (var lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (number > MOST_LINES) {
          throw new IOException(file + ": more than " + MOST_LINES + " lines");
        }
        if (!line.isBlank() && !line.startsWith("#")) {
          arrivals.add(arrival(file, number, line));
        }
      }
    }
    arrivals.sort(Comparator.comparingDouble(Arrival::at));
    return arrivals;
  }

  private static Arrival arrival(Path file, int number, String line) throws IOException {
    String[] fields = line.split(",", -1);
    try {
      if (fields.length != 3) {
        throw new IllegalArgumentException("3 fields are wanted, there are " + fields.length);
      }
      return new Arrival(
          Double.parseDouble(fields[0].strip()),
          Integer.parseInt(fields[1].strip()),
          Integer.parseInt(fields[2].strip()));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s, line %d: '%s' is not 'seconds,prompt tokens,output tokens': %s"
              .formatted(file, number, line, e.getMessage()));
    }
  }
}
