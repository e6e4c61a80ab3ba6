package dev.kvasir.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.load.Arrivals;
import dev.kvasir.e2e.load.Lengths;
import dev.kvasir.e2e.load.LoadReport;
import dev.kvasir.e2e.load.LoadRun;
import dev.kvasir.e2e.load.Target;
import dev.kvasir.e2e.monitoring.Dashboard;
import dev.kvasir.e2e.monitoring.Dashboard.Query;
import dev.kvasir.e2e.monitoring.PodDiscovery;
import dev.kvasir.e2e.monitoring.Promtool;
import dev.kvasir.e2e.monitoring.Rules;
import dev.kvasir.e2e.monitoring.Rules.Rule;
import dev.kvasir.e2e.monitoring.TestingPrometheus;
import dev.kvasir.e2e.monitoring.TestingPrometheus.Series;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus reads a real operator, gateway and runtime under load; every panel of the
 * dashboards and every rule has to find data there, with the labels that it names.
 */
class MonitoringIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SLOW = Duration.ofSeconds(60);
  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*), (\\w+)\\)");
  private static final Pattern LEGEND_LABEL = Pattern.compile("\\{\\{(\\w+)}}");

  /** Nothing runs, so that the first requests are held. */
  private static final String STOPPED =
      """
      apiVersion: inference.kvasir.dev/v1alpha1
      kind: InferenceDeployment
      metadata: {name: sample, namespace: default}
      spec:
        model: {uri: 'bundled://sample'}
        runtime: {kvCache: {memory: 64Mi}, resources: {requests: {cpu: 500m, memory: 256Mi}}}
        replicas: 0
      """;

  /** One replica may do so little that the load asks for a second one. */
  private static final String SCALED =
      STOPPED.replace(
          "replicas: 0",
          "scaling: {maxReplicas: 2, targets: {promptTokensPerSecond: 500, tokensPerSecond: 500}}");

  @TempDir Path directory;

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void everyPanelAndEveryRuleFindsData() throws Exception {
    Path programs = Promtool.programs();
    Path files = Files.createDirectories(directory.resolve("cluster"));
    var options = new LocalClusterOptions(ControlPlaneKind.embedded, CHECKOUT, files, Map.of());
    try (LocalCluster cluster = LocalCluster.start(options, new TestingClusterListener());
        var discovery =
            new PodDiscovery(
                cluster.client(),
                PodDiscovery.process("kvasir-operator", cluster.operatorUrl()),
                PodDiscovery.process("kvasir-gateway", cluster.gatewayUrl()));
        var prometheus = new TestingPrometheus(programs, directory, discovery)) {
      underLoad(cluster, prometheus);
      Eventually.check(SLOW, () -> hasSeen(prometheus));
      var look = new Look(prometheus, values(cluster));
      look.atDashboards();
      look.atRules();
      assertEquals(List.of(), look.failures);
    }
  }

  /** From before there is a pod: the first requests are held, and then there is work for two. */
  private static void underLoad(LocalCluster cluster, TestingPrometheus prometheus)
      throws Exception {
    cluster.client().resource(STOPPED).serverSideApply();
    Eventually.check(SLOW, () -> assertTrue(hasSeenNoneHeld(prometheus), "known to the gateway"));
    cluster.client().resource(SCALED).serverSideApply();
    URI url = URI.create(cluster.gatewayUrl() + "/v1");
    LoadReport report =
        new LoadRun(Target.chat(url, "sample"), 200, 1)
            .run(
                new Arrivals(new Lengths.Uniform(16, 64), new Lengths.Uniform(16, 64), 1)
                    .poisson(10, 15));
    assertTrue(report.isFlawless(), report.table());
  }

  /** A counter's rate takes a reading from before it rises. */
  private static boolean hasSeenNoneHeld(TestingPrometheus prometheus) {
    try {
      return prometheus.range("kvasir_gateway_hold_seconds_count{deployment=\"sample\"}").stream()
          .anyMatch(Series::hasNumber);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void hasSeen(TestingPrometheus prometheus) {
    try {
      assertTrue(prometheus.isAlive(), prometheus.log());
      assertEquals(
          List.of("kvasir-gateway", "kvasir-operator", "kvasir-runtime"), prometheus.jobsUp());
      assertEquals(List.of(), prometheus.failedRules());
      assertTrue(
          prometheus.range("sum(kvasir_operator_scaling_decisions_total)").stream()
              .anyMatch(Series::hasNumber),
          "a decision was seen");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> values(LocalCluster cluster) {
    String pod =
        cluster
            .client()
            .pods()
            .inNamespace("default")
            .list()
            .getItems()
            .getFirst()
            .getMetadata()
            .getName();
    return Map.of(
        "namespace", "default",
        "deployment", "sample",
        "pod", pod,
        "__rate_interval", "10s",
        "__range", "1m");
  }

  /** Collects what finds no data, so that one run names all of it. */
  private static final class Look {
    private final TestingPrometheus prometheus;
    private final Map<String, String> values;
    private final List<String> failures = new ArrayList<>();

    Look(TestingPrometheus prometheus, Map<String, String> values) {
      this.prometheus = prometheus;
      this.values = values;
    }

    void atDashboards() throws IOException, InterruptedException {
      for (Dashboard dashboard : Dashboard.all()) {
        for (Query query : dashboard.queries(values)) {
          atQuery(query);
        }
        for (Query query : dashboard.variableQueries(values)) {
          atVariable(query);
        }
      }
    }

    private void atQuery(Query query) throws IOException, InterruptedException {
      List<Series> found = requireData(query.where(), query.expression());
      Matcher label = LEGEND_LABEL.matcher(query.legend());
      while (label.find()) {
        if (found.stream().noneMatch(series -> series.labels().containsKey(label.group(1)))) {
          failures.add(query.where() + ": no series has the label " + label.group(1));
        }
      }
    }

    private void atVariable(Query query) throws IOException, InterruptedException {
      Matcher asked = LABEL_VALUES.matcher(query.expression());
      assertTrue(asked.matches(), query.expression());
      List<String> found = prometheus.labelValues(asked.group(1), asked.group(2));
      if (!found.contains(Optional.ofNullable(values.get(query.legend())).orElseThrow())) {
        failures.add(query.where() + " has only " + found);
      }
    }

    void atRules() throws IOException, InterruptedException {
      for (Rule rule : Rules.all()) {
        if (rule.isAlert()) {
          var _ = requireData(rule.name(), rule.withoutComparison());
        } else {
          var _ = requireData(rule.name(), rule.name());
        }
      }
    }

    private List<Series> requireData(String where, String expression)
        throws IOException, InterruptedException {
      List<Series> found = prometheus.range(expression);
      if (found.stream().noneMatch(Series::hasNumber)) {
        failures.add(where + ": no data from " + expression);
      }
      return found;
    }
  }
}
