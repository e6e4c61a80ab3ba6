package dev.kvasir.runtime.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.ModelSummary;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A bench's figures with what they were measured on.
 *
 * @param startUp from the process's start to a running engine
 */
public record BenchReport(
    Instant date,
    String version,
    String commit,
    Machine machine,
    String device,
    String modelName,
    ModelSummary model,
    Duration startUp,
    Workload workload,
    List<Measurement> measurements) {

  /** Gigabytes of weights that decode steps read in a second. */
  double weightGigabytesPerSecond(Measurement measurement) {
    return model.weightBytesPerStep() / 1e6 / measurement.decodeStepMillis();
  }

  public void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s: %s, %.1f M parameters, %s%n",
        modelName,
        model.architecture(),
        model.parameters() / 1e6,
        model.weightType());
    out.printf(
        Locale.ROOT,
        "%s on %s%nstart-up %.2f s; %.1f MB of weights read in a step; %d tokens in, %d out%n%n",
        device,
        machine.processor(),
        startUp.toMillis() / 1e3,
        model.weightBytesPerStep() / 1e6,
        workload.inputTokens(),
        workload.outputTokens());
    out.printf(
        "%11s %8s %12s %12s %12s %8s %23s %23s%n",
        "concurrency",
        "requests",
        "prompt tok/s",
        "decode tok/s",
        "output tok/s",
        "GB/s",
        "first token p50/90/99",
        "inter-token p50/90/99");
    for (Measurement m : measurements) {
      out.printf(
          Locale.ROOT,
          "%11d %8d %12.1f %12s %12.1f %8s %23s %23s%n",
          m.concurrency(),
          m.requests(),
          m.promptTokensPerSecond(),
          number(m.decodeTokensPerSecond()),
          m.outputTokensPerSecond(),
          number(weightGigabytesPerSecond(m)),
          millis(m.timeToFirstToken()),
          millis(m.interToken()));
    }
    out.println();
    out.println("Times in milliseconds. Decode: tokens after all first ones, over their time.");
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String millis(Percentiles p) {
    return Double.isNaN(p.p50())
        ? "-"
        : String.format(Locale.ROOT, "%.1f/%.1f/%.1f", p.p50(), p.p90(), p.p99());
  }

  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("date", date.toString()).put("version", version).put("commit", commit);
    root.putObject("machine")
        .put("processor", machine.processor())
        .put("processors", machine.processors())
        .put("memoryBytes", machine.memoryBytes())
        .put("java", machine.java())
        .put("device", device);
    root.putObject("model")
        .put("name", modelName)
        .put("architecture", model.architecture())
        .put("parameters", model.parameters())
        .put("quantization", model.weightType())
        .put("weightBytes", model.weightBytes())
        .put("weightBytesPerStep", model.weightBytesPerStep());
    root.putObject("workload")
        .put("inputTokens", workload.inputTokens())
        .put("outputTokens", workload.outputTokens())
        .put("warmUpWaves", workload.warmUpWaves())
        .put("seed", workload.seed());
    root.put("startUpSeconds", startUp.toMillis() / 1e3);
    ArrayNode results = root.putArray("results");
    measurements.forEach(m -> put(m, results.addObject()));
    return root;
  }

  private void put(Measurement m, ObjectNode to) {
    to.put("concurrency", m.concurrency());
    to.put("requests", m.requests());
    to.put("promptTokensPerSecond", m.promptTokensPerSecond());
    put("decodeTokensPerSecond", m.decodeTokensPerSecond(), to);
    to.put("outputTokensPerSecond", m.outputTokensPerSecond());
    put("decodeStepMillis", m.decodeStepMillis(), to);
    put("weightGigabytesPerSecond", weightGigabytesPerSecond(m), to);
    put("timeToFirstTokenMillis", m.timeToFirstToken(), to);
    put("interTokenMillis", m.interToken(), to);
  }

  private static void put(String name, Percentiles p, ObjectNode to) {
    ObjectNode values = to.putObject(name);
    put("p50", p.p50(), values);
    put("p90", p.p90(), values);
    put("p99", p.p99(), values);
  }

  /** JSON has no NaN: null where there is nothing. */
  private static void put(String name, double value, ObjectNode to) {
    if (Double.isNaN(value)) {
      to.putNull(name);
    } else {
      to.put(name, value);
    }
  }
}
