package dev.kvasir.operator.console;

import dev.kvasir.operator.console.Row.Told;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The fleet at one time.
 *
 * @param at in milliseconds
 * @param leads whether this operator reads the pods itself
 * @param leader who leads, where that is known
 * @param watching whether the operator knows the cluster
 * @param rows by name
 */
record Picture(long at, boolean leads, Optional<String> leader, boolean watching, List<Row> rows) {
  private static final int DECISIONS_SHOWN = 40;

  Picture {
    rows = rows.stream().sorted(Comparator.comparing(Row::deployment)).toList();
  }

  Optional<Row> row(String deployment) {
    return rows.stream().filter(row -> row.deployment().equals(deployment)).findFirst();
  }

  List<Row> matching(String filter) {
    return rows.stream().filter(row -> row.matches(filter)).toList();
  }

  /** Of these deployments, the newest first. */
  static List<Told> decisions(List<Row> rows) {
    return rows.stream()
        .flatMap(row -> row.decisions().stream())
        .sorted(Comparator.comparing(Told::time).reversed())
        .limit(DECISIONS_SHOWN)
        .toList();
  }
}
