package dev.kvasir.e2e.telemetry;

import dev.kvasir.operator.scaling.ScalingDecision;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.HttpPages;
import dev.kvasir.operator.telemetry.Member;
import dev.kvasir.operator.telemetry.TelemetryObserver;
import dev.kvasir.operator.telemetry.TelemetrySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times the operator's telemetry over a fleet of simulated pods. */
@Command(
    name = "measure-telemetry",
    description =
        "Times rounds of the operator's telemetry; the simulated pods run in the same process.",
    mixinStandardHelpOptions = true)
public final class MeasureTelemetry implements Callable<Integer> {
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final Duration STALE_AFTER = Duration.ofSeconds(10);
  private static final int MOST_BYTES = 1 << 20;

  @Option(
      names = "--deployments",
      defaultValue = "1000",
      description = "InferenceDeployments of one pod each (default: ${DEFAULT-VALUE}).")
  private int deployments;

  @Option(
      names = "--rounds",
      defaultValue = "30",
      description = "How many (default: ${DEFAULT-VALUE}).")
  private int rounds;

  public static void main(String[] args) {
    System.exit(new CommandLine(new MeasureTelemetry()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    var settings = new TelemetrySettings(INTERVAL, TIMEOUT, MOST_BYTES, STALE_AFTER, List.of());
    var failed = new Failures();
    try (SimulatedPods pods = new SimulatedPods();
        HttpPages pages = new HttpPages(TIMEOUT, MOST_BYTES)) {
      var telemetry = new FleetTelemetry(settings, pages, failed, Clock.systemUTC());
      List<Member> members = pods.members(deployments);
      for (int round = 1; round <= rounds; round++) {
        measure(round, telemetry, members, failed);
      }
    }
    memory().forEach(System.out::println);
    return 0;
  }

  private static void measure(
      int round, FleetTelemetry telemetry, List<Member> members, Failures failed)
      throws InterruptedException {
    long start = System.nanoTime();
    int news = telemetry.round(members).size();
    long millis = (System.nanoTime() - start) / 1_000_000;
    System.out.printf(
        "round %d: %d ms, %d pages missing, %d deployments with news%n",
        round, millis, failed.count.getAndSet(0), news);
    Thread.sleep(Math.max(0, INTERVAL.toMillis() - millis));
  }

  /** The most that the process has had, where the system says so. */
  private static List<String> memory() throws IOException {
    Path status = Path.of("/proc/self/status");
    return Files.isReadable(status)
        ? Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM")).toList()
        : List.of();
  }

  private static final class Failures implements TelemetryObserver {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void pageEnded(boolean read) {
      count.addAndGet(read ? 0 : 1);
    }

    @Override
    public void pageRead(long nanos) {}

    @Override
    public void holderEnded(boolean read) {}

    @Override
    public void roundEnded(long nanos) {}

    @Override
    public void decided(DeploymentKey key, ScalingDecision decision) {}
  }
}
