package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.telemetry.RecordingFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code simulate}: the operator's scaler and its peers over one trace. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = "Runs Kvasir's autoscaler and the peers' over a trace in simulated time.")
public final class Simulate implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--trace",
      defaultValue = "step",
      description = "A generated trace: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private TraceKind kind;

  @Option(
      names = "--trace-file",
      description = "A recorded trace: a line a request, seconds,prompt tokens,output tokens.")
  private Path file;

  @Option(names = "--seed", defaultValue = "1", description = "Of a generated trace.")
  private long seed;

  @Option(names = "--min-replicas", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private int min;

  @Option(names = "--max-replicas", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}.")
  private int max;

  @Option(
      names = "--objective",
      defaultValue = "1.5",
      description = "Seconds to the first token that count as in time. Default: ${DEFAULT-VALUE}.")
  private double objective;

  @Option(
      names = "--tune-peers",
      description =
          "Try many targets for each peer and show the cheapest that is in time as often as ours.")
  private boolean tune;

  @Option(
      names = "--record",
      description = "Write what our scaler was given to this file, for e2e/bin/replay.")
  private Path recording;

  @Option(names = "--json", description = "Write the results to this file.")
  private Path json;

  @Option(names = "--svg", description = "Draw the replicas over time into this file.")
  private Path svg;

  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Simulate()).setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() throws IOException {
    List<Arrival> trace = file == null ? kind.arrivals(seed) : TraceFile.read(file);
    if (trace.isEmpty()) {
      throw new CommandLine.ParameterException(spec.commandLine(), "the trace has no requests");
    }
    double seconds = file == null ? kind.seconds() : trace.getLast().at() + 600;
    ReplicaModel model = ReplicaModel.standard();
    Simulation simulation = new Simulation(model, trace, min);
    List<Result> results =
        tune ? tuned(simulation, model, seconds) : defaults(simulation, model, seconds);
    report(new Report(results, objective), trace, seconds);
    if (recording != null) {
      record(simulation, model, seconds);
    }
    return 0;
  }

  private void record(Simulation simulation, ReplicaModel model, double seconds)
      throws IOException {
    try (PrintWriter lines = new PrintWriter(Files.newBufferedWriter(recording))) {
      var ours =
          Contestant.recorded(
              model, min, max, round -> lines.println(RecordingFormat.write(round)));
      run(simulation, ours, seconds);
      if (lines.checkError()) {
        throw new IOException("the recording can't be written to " + recording);
      }
    }
  }

  private List<Result> defaults(Simulation simulation, ReplicaModel model, double seconds) {
    return Contestant.withDefaults(model, min, max).stream()
        .map(contestant -> run(simulation, contestant, seconds))
        .toList();
  }

  private static Result run(Simulation simulation, Contestant contestant, double seconds) {
    return new Result(contestant, simulation.run(contestant.make().get(), seconds));
  }

  /** Of each peer the cheapest setting that serves as many requests in time, or else the best. */
  private List<Result> tuned(Simulation simulation, ReplicaModel model, double seconds) {
    Result ours = run(simulation, Contestant.ours(model, min, max), seconds);
    double wanted = ours.outcome().within(objective);
    List<Result> peers =
        Contestant.tuned(min, max).stream()
            .map(contestant -> run(simulation, contestant, seconds))
            .toList();
    List<Result> chosen = new ArrayList<>(List.of(ours));
    peers.stream()
        .map(result -> result.contestant().scaler())
        .distinct()
        .forEach(scaler ->
            chosen.add(
                best(
                    peers.stream()
                        .filter(result -> result.contestant().scaler().equals(scaler))
                        .toList(),
                    wanted)));
    return chosen;
  }

  private Result best(List<Result> settings, double wanted) {
    return settings.stream()
        .filter(result -> result.outcome().within(objective) >= wanted)
        .min(Comparator.comparingDouble(result -> result.outcome().replicaHours()))
        .or(() ->
            settings.stream().max(Comparator.comparingDouble(r -> r.outcome().within(objective))))
        .orElseThrow();
  }

  private void report(Report report, List<Arrival> trace, double seconds) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%d requests in %.0f s; in time: first token within %.1f s%n",
        trace.size(), seconds, objective);
    out.print(report.table());
    out.flush();
    if (json != null) {
      Files.writeString(json, report.json());
    }
    if (svg != null) {
      report.picture(svg);
    }
  }
}
