package dev.kvasir.operator.inferencedeployment.status;

import java.util.List;
import java.util.function.Predicate;

/**
 * Why a container ended, out of the last lines of its log: in one line, as lists of events show
 * them, and without times, or each end would be news.
 */
final class LastWords {
  /** How the runtime begins the line that says why it gives up. */
  private static final String RUNTIME = "node-runtime: ";

  /** What a Java VM says at every start. */
  private static final List<String> NOISE =
      List.of("WARNING: Using incubator modules", "NOTE: Picked up ", "Picked up ");

  private static final int LONGEST = 600;

  private LastWords() {}

  static String of(String message) {
    List<String> lines =
        message.lines().map(String::strip).filter(Predicate.not(LastWords::isNoise)).toList();
    List<String> reasons = lines.stream().filter(line -> line.startsWith(RUNTIME)).toList();
    String words =
        reasons.isEmpty()
            ? String.join(" / ", lines)
            : reasons.getLast().substring(RUNTIME.length());
    return words.length() <= LONGEST ? words : "..." + words.substring(words.length() - LONGEST);
  }

  private static boolean isNoise(String line) {
    return line.isEmpty() || NOISE.stream().anyMatch(line::startsWith);
  }
}
