package dev.kvasir.e2e.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** Results as a table, as JSON and as a picture. */
final class Report {
  private static final String ROW = "%-36s %8s %8s %9s %9s %9s %8s %9s%n";

  private final List<Result> results;
  private final double objectiveSeconds;

  Report(List<Result> results, double objectiveSeconds) {
    this.results = List.copyOf(results);
    this.objectiveSeconds = objectiveSeconds;
  }

  String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        ROW.formatted(
            "autoscaler",
            "hours",
            "most",
            "in time",
            "TTFT p50",
            "TTFT p95",
            "changes",
            "reversals"));
    for (Result result : results) {
      Outcome outcome = result.outcome();
      table.append(
          ROW.formatted(
              result.contestant().name(),
              number("%.2f", outcome.replicaHours()),
              outcome.largest(),
              number("%.2f %%", 100 * outcome.within(objectiveSeconds)),
              number("%.2f s", outcome.percentile(0.5)),
              number("%.2f s", outcome.percentile(0.95)),
              outcome.changes(),
              outcome.reversals()));
    }
    return table.toString();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("objectiveSeconds", objectiveSeconds);
    ArrayNode all = root.putArray("results");
    for (Result result : results) {
      Outcome outcome = result.outcome();
      ObjectNode one = all.addObject();
      one.put("autoscaler", result.contestant().scaler());
      one.put("setting", result.contestant().setting());
      one.put("requests", outcome.requests());
      one.put("replicaHours", outcome.replicaHours());
      one.put("mostReplicas", outcome.largest());
      one.put("withinObjective", outcome.within(objectiveSeconds));
      one.put("timeToFirstTokenP50", outcome.percentile(0.5));
      one.put("timeToFirstTokenP95", outcome.percentile(0.95));
      one.put("timeToFirstTokenP99", outcome.percentile(0.99));
      one.put("changes", outcome.changes());
      one.put("reversals", outcome.reversals());
      ArrayNode points = one.putArray("replicas");
      outcome.points().forEach(point -> points.addArray().add(point.at()).add(point.desired()));
    }
    return root.toPrettyString() + "\n";
  }

  /** Replicas over time, a step line each. */
  void picture(java.nio.file.Path file) throws java.io.IOException {
    StepChart chart = new StepChart();
    for (Result result : results) {
      List<Outcome.Point> points = result.outcome().points();
      chart.add(
          result.contestant().name(),
          points.stream().mapToDouble(Outcome.Point::at).toArray(),
          points.stream().mapToDouble(Outcome.Point::desired).toArray());
    }
    chart.write(file);
  }
}
