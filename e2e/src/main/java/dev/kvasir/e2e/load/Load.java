package dev.kvasir.e2e.load;

import dev.kvasir.e2e.simulation.Arrival;
import dev.kvasir.e2e.simulation.TraceFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code load}: drives an OpenAI-compatible endpoint and says what it was like. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Drives an OpenAI-compatible endpoint with streams that arrive when they are due, however"
          + " slow it is (an open loop), checks each to its end, and prints percentiles that count"
          + " from when a request was due.",
      "Exit status: 0 where every request was sent and answered in whole, 1 otherwise, 2 for wrong"
          + " options."
    })
public final class Load implements Callable<Integer> {
  private static final double MOST_PER_SECOND = 100_000;
  private static final double MOST_SECONDS = 7 * 24 * 3600;

  @Spec private CommandSpec spec;

  @Option(names = "--url", required = true, description = "The base URL, to the /v1.")
  private URI url;

  @Option(names = "--model", required = true, description = "The model to ask for.")
  private String model;

  @Option(
      names = "--api",
      defaultValue = "chat",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Target.Api api;

  @Option(names = "--api-key", description = "Sent as a bearer token. Default: $OPENAI_API_KEY.")
  private String apiKey;

  @Option(
      names = "--rate",
      defaultValue = "1",
      description = "Mean requests a second, Poisson. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--duration",
      defaultValue = "30",
      description = "Seconds in which requests arrive. Default: ${DEFAULT-VALUE}.")
  private double duration;

  @Option(
      names = "--trace",
      description =
          "Arrivals from a file instead: a line a request, seconds,prompt tokens,output tokens.")
  private Path trace;

  @Option(
      names = "--prompt-tokens",
      defaultValue = "32",
      description =
          "N, uniform:FROM:TO or lognormal:MEAN:SIGMA; in common English words, which most"
              + " tokenizers have as one token each. Default: ${DEFAULT-VALUE}.")
  private String prompt;

  @Option(
      names = "--output-tokens",
      defaultValue = "32",
      description = "The same for answers. Default: ${DEFAULT-VALUE}.")
  private String output;

  @Option(
      names = "--plain",
      description =
          "Send only fields that OpenAI has: answers may be shorter than asked for, and tokens are"
              + " not counted one by one.")
  private boolean plain;

  @Option(
      names = "--max-in-flight",
      defaultValue = "1000",
      description = "Arrivals beyond it are counted and not sent. Default: ${DEFAULT-VALUE}.")
  private int maxInFlight;

  @Option(
      names = "--timeout",
      defaultValue = "300",
      description = "Seconds for one request. Default: ${DEFAULT-VALUE}.")
  private double timeout;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--json", description = "Write the results to this file as well.")
  private Path json;

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Load()).setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    requireBetween("--rate", rate, 0, MOST_PER_SECOND);
    requireBetween("--duration", duration, 0, MOST_SECONDS);
    requireBetween("--timeout", timeout, 0, MOST_SECONDS);
    requireBetween("--max-in-flight", maxInFlight, 0, Arrivals.MOST);
    List<Arrival> arrivals = arrivals();
    LoadReport report = new LoadRun(target(), maxInFlight, seed).run(arrivals);
    spec.commandLine().getOut().print(report.table());
    spec.commandLine().getOut().flush();
    if (json != null) {
      Files.writeString(json, report.json());
    }
    return report.isFlawless() ? 0 : 1;
  }

  private Target target() {
    if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        || url.getHost() == null) {
      throw wrong("--url must be like http://HOST:PORT/v1, not " + url);
    }
    Duration limit = Duration.ofMillis(Math.max(1, Math.round(timeout * 1000)));
    return new Target(url, model, api, key(), !plain, !plain, limit);
  }

  private Optional<String> key() {
    return Optional.ofNullable(apiKey == null ? System.getenv("OPENAI_API_KEY") : apiKey)
        .filter(key -> !key.isBlank());
  }

  private List<Arrival> arrivals() throws IOException {
    List<Arrival> arrivals = trace == null ? poisson() : TraceFile.read(trace);
    if (arrivals.isEmpty()) {
      throw wrong("no request arrives: make --rate or --duration larger, or fill the trace");
    }
    return arrivals;
  }

  private List<Arrival> poisson() {
    try {
      return new Arrivals(Lengths.parse(prompt), Lengths.parse(output), seed)
          .poisson(rate, duration);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private void requireBetween(String option, double value, double above, double most) {
    if (!(value > above && value <= most)) {
      throw wrong(
          "%s must be more than %s and at most %s, not %s"
              .formatted(option, (long) above, (long) most, value));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
