package dev.kvasir.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.load.LoadReport;
import dev.kvasir.e2e.load.LoadRun;
import dev.kvasir.e2e.load.Target;
import dev.kvasir.e2e.simulation.Arrival;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model that goes to zero replicas and comes back because somebody asks for it. */
class GatewayIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SLOW = Duration.ofSeconds(60);
  private static final String MODEL =
      """
      apiVersion: inference.kvasir.dev/v1alpha1
      kind: InferenceDeployment
      metadata: {name: sleeper, namespace: default}
      spec:
        model: {uri: "bundled://sample"}
        scaling: {minReplicas: 0, maxReplicas: 1, idleAfter: 2s, scaleDown: {stabilization: 2s}}
        runtime: {kvCache: {memory: 64Mi}, resources: {requests: {cpu: 500m, memory: 256Mi}}}
      """;

  @TempDir Path directory;

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void requestsWakeAModelAtZeroAndNoneIsLost() throws Exception {
    var options = new LocalClusterOptions(ControlPlaneKind.embedded, CHECKOUT, directory, Map.of());
    try (LocalCluster cluster = LocalCluster.start(options, new TestingClusterListener())) {
      cluster.client().load(new ByteArrayInputStream(MODEL.getBytes(UTF_8))).create();
      var wait = new SampleWait(cluster, "default", "sleeper", new TestingClusterListener());
      URI url = URI.create(wait.await(SLOW));
      Eventually.check(SLOW, () -> assertEquals(0, pods(cluster)));

      LoadReport report = new LoadRun(Target.chat(url, "sleeper"), 100, 1).run(tenInASecond());
      assertTrue(report.isFlawless(), report.table());
      Eventually.check(SLOW, () -> assertEquals(0, pods(cluster)));
    }
  }

  private static int pods(LocalCluster cluster) {
    return cluster
        .client()
        .pods()
        .inNamespace("default")
        .withLabel("app.kubernetes.io/instance", "sleeper")
        .list()
        .getItems()
        .size();
  }

  private static List<Arrival> tenInASecond() {
    return IntStream.range(0, 10).mapToObj(i -> new Arrival(i * 0.1, 8, 16)).toList();
  }
}
