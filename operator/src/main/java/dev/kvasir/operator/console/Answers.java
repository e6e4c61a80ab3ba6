package dev.kvasir.operator.console;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** What the page asks for, as JSON of bounded size. */
final class Answers {
  /** The page says that there are more, and that a filter finds them. */
  static final int MOST_ROWS = 200;

  private static final JsonMapper JSON = new JsonMapper();

  private final String version;
  private final Duration interval;
  private final Duration staleAfter;

  /**
   * @param interval between two looks
   * @param staleAfter from when on a reading says nothing of now
   */
  Answers(String version, Duration interval, Duration staleAfter) {
    this.version = version;
    this.interval = interval;
    this.staleAfter = staleAfter;
  }

  String fleet(Picture picture, String filter) {
    List<Row> matching = picture.matching(filter);
    List<Row> shown = matching.subList(0, Math.min(MOST_ROWS, matching.size()));
    ObjectNode answer =
        JSON.createObjectNode()
            .put("at", picture.at())
            .put("version", version)
            .put("interval", interval.toMillis())
            .put("staleAfter", staleAfter.toMillis())
            .put("leads", picture.leads())
            .put("leader", picture.leader().orElse(null))
            .put("watching", picture.watching())
            .put("total", picture.rows().size())
            .put("matching", matching.size());
    answer.set("totals", totals(picture.rows()));
    answer.set("deployments", JSON.valueToTree(shown));
    answer.set("decisions", JSON.valueToTree(Picture.decisions(matching)));
    return answer.toString();
  }

  /** Over all deployments, shown or not. */
  private static ObjectNode totals(List<Row> rows) {
    return JSON.createObjectNode()
        .put("ready", sum(rows, Row::ready))
        .put("desired", sum(rows, Row::desired))
        .put("output", sum(rows, row -> row.load().output()))
        .put("prompt", sum(rows, row -> row.load().prompt()))
        .put("waiting", sum(rows, row -> row.load().waiting()))
        .put("held", sum(rows, row -> row.load().held()))
        .put("problems", rows.stream().filter(Row::hasProblem).count());
  }

  private static double sum(List<Row> rows, Function<Row, Number> figure) {
    return rows.stream()
        .map(figure)
        .filter(Objects::nonNull)
        .mapToDouble(Number::doubleValue)
        .sum();
  }

  /** Columns of the same length, the oldest sample first. */
  static String history(String deployment, List<Sample> samples) {
    ObjectNode answer = JSON.createObjectNode().put("deployment", deployment);
    ArrayNode at = answer.putArray("at");
    samples.forEach(sample -> at.add(sample.at()));
    for (Series series : Series.ALL) {
      ArrayNode column = answer.putArray(series.text());
      samples.forEach(sample -> add(column, series.of(sample)));
    }
    return answer.toString();
  }

  private static void add(ArrayNode column, double value) {
    if (Double.isNaN(value)) {
      column.addNull();
    } else {
      column.add((float) value);
    }
  }

  static String error(String message) {
    ObjectNode answer = JSON.createObjectNode();
    answer.putObject("error").put("message", message);
    return answer.toString();
  }
}
