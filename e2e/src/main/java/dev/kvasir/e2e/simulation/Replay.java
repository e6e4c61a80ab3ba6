package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.scaling.ScalingDecision;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replay}: recorded telemetry against other settings. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Lets the operator's scaler decide on recorded telemetry with other settings.",
      "The load stays as it was recorded: what other numbers of pods would have made of it, a"
          + " recording can't say (e2e/bin/simulate can)."
    })
public final class Replay implements Callable<Integer> {
  private static final int MOST_SETTINGS = 20;
  private static final String RECORDED = "as recorded";

  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "FILE",
      description = "A recording, by GET /telemetry/NAMESPACE/NAME of the operator.")
  private Path file;

  @Option(
      names = "--with",
      paramLabel = "SCALING",
      required = true,
      description =
          "What spec.scaling would hold, in YAML, for example '{maxReplicas: 8, scaleDown:"
              + " {stabilization: 1m}}'. Several times: they are compared.")
  private List<String> with;

  @Option(
      names = "--stale-after",
      defaultValue = "10",
      converter = Seconds.class,
      paramLabel = "SECONDS",
      description = "From when on a reading says nothing of now. Default: ${DEFAULT-VALUE}.")
  private Duration staleAfter;

  @Option(names = "--decisions", description = "Print the decisions, in words.")
  private boolean words;

  @Option(names = "--json", description = "Write the results to this file.")
  private Path json;

  @Option(names = "--svg", description = "Draw the replicas over time into this file.")
  private Path svg;

  static final class Seconds implements CommandLine.ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Duration value = Duration.ofMillis(Math.round(1000 * Double.parseDouble(text)));
      if (!value.isPositive()) {
        throw new CommandLine.TypeConversionException(text + " must be more than 0 seconds");
      }
      return value;
    }
  }

  public static void main(String[] args) {
    System.exit(line().execute(args));
  }

  /** A file that can't be read is told in a sentence. */
  static CommandLine line() {
    CommandLine line = new CommandLine(new Replay());
    line.setExecutionExceptionHandler((e, failed, parsed) -> {
      if (!(e instanceof IOException)) {
        throw e;
      }
      String what = e instanceof NoSuchFileException ? "no such file: " : "";
      failed.getErr().println(what + e.getMessage());
      return 1;
    });
    return line;
  }

  @Override
  public Integer call() throws IOException {
    List<ReplayRun> runs = runs();
    Replayed recorded = new Replayed(RECORDED);
    RecordingFile.read(
        file,
        round -> {
          recorded.add(round.snapshot().at(), round.replicas(), Outcome.STEADY);
          runs.forEach(run -> run.take(round));
        });
    List<Replayed> all =
        Stream.concat(Stream.of(recorded), runs.stream().map(ReplayRun::replayed)).toList();
    report(new ReplayReport(all, recorded.length()), runs);
    return 0;
  }

  private List<ReplayRun> runs() {
    if (new LinkedHashSet<>(with).size() < with.size() || with.size() > MOST_SETTINGS) {
      throw new ParameterException(
          command.commandLine(),
          "--with may come %d times, each with other settings".formatted(MOST_SETTINGS));
    }
    return with.stream().map(text -> new ReplayRun(settings(text), staleAfter)).toList();
  }

  private ScalingSettings settings(String text) {
    try {
      return ScalingSettings.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--with: " + e.getMessage(), e);
    }
  }

  private void report(ReplayReport report, List<ReplayRun> runs) throws IOException {
    PrintWriter out = command.commandLine().getOut();
    out.printf("%.0f s of recorded telemetry%n", report.seconds());
    out.print(report.table());
    if (words) {
      runs.forEach(run -> print(run, out));
    }
    out.flush();
    if (json != null) {
      Files.writeString(json, report.json());
    }
    if (svg != null) {
      report.picture(svg);
    }
  }

  private static void print(ReplayRun run, PrintWriter out) {
    out.printf("%n%s%n", run.replayed().name());
    for (ScalingDecision decision : run.decisions()) {
      out.printf("%s %s%n", decision.at(), decision.sentence());
    }
  }
}
