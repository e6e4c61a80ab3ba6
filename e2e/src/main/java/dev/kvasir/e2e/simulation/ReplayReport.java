package dev.kvasir.e2e.simulation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What settings made of a recording, as a table, as JSON and as a picture.
 *
 * @param seconds from the first round to the last
 */
record ReplayReport(List<Replayed> all, double seconds) {
  private static final int LONGEST_NAME = 60;

  String table() {
    int width =
        Math.min(LONGEST_NAME, all.stream().mapToInt(one -> one.name().length()).max().orElse(0));
    String row = "%-" + width + "s %8s %6s %8s %10s %12s %8s%n";
    StringBuilder table = new StringBuilder();
    table.append(
        row.formatted("settings", "hours", "most", "changes", "reversals", "at maximum", "held"));
    for (Replayed one : all) {
      table.append(
          row.formatted(
              one.name(),
              String.format(Locale.ROOT, "%.2f", one.replicaHours()),
              one.most(),
              one.changes(),
              one.reversals(),
              "%.0f s".formatted(atMaximum(one)),
              "%.0f s".formatted(held(one))));
    }
    return table.toString();
  }

  private static double atMaximum(Replayed one) {
    return one.seconds(Outcome.AT_MAXIMUM);
  }

  private static double held(Replayed one) {
    return one.seconds(Outcome.HELD_BY_STALE_TELEMETRY, Outcome.HELD_BY_UNSCHEDULABLE);
  }

  String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("seconds", seconds);
    ArrayNode results = root.putArray("results");
    for (Replayed one : all) {
      ObjectNode result = results.addObject();
      result.put("settings", one.name());
      result.put("replicaHours", one.replicaHours());
      result.put("mostReplicas", one.most());
      result.put("changes", one.changes());
      result.put("reversals", one.reversals());
      result.put("secondsAtMaximum", atMaximum(one));
      result.put("secondsHeld", held(one));
      ArrayNode steps = result.putArray("replicas");
      one.steps().forEach(step -> steps.addArray().add(step.at()).add(step.replicas()));
    }
    return root.toPrettyString() + "\n";
  }

  void picture(Path svg) throws IOException {
    StepChart chart = new StepChart();
    for (int i = 0; i < all.size(); i++) {
      List<Replayed.Step> steps = all.get(i).steps();
      double[] at = new double[steps.size() + 1];
      double[] replicas = new double[steps.size() + 1];
      for (int step = 0; step < steps.size(); step++) {
        at[step] = steps.get(step).at();
        replicas[step] = steps.get(step).replicas();
      }
      at[steps.size()] = seconds;
      replicas[steps.size()] = steps.getLast().replicas();
      chart.add(all.get(i).name(), at, replicas);
    }
    chart.write(svg);
  }
}
