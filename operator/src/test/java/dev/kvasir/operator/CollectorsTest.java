package dev.kvasir.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.Fleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.Member;
import dev.kvasir.operator.telemetry.TestingFleet;
import io.prometheus.client.CollectorRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What /metrics shows of a deployment whose pods say known figures. */
class CollectorsTest {
  private static final String ONE_TO_FIVE =
      "{model: {uri: 'bundled://sample'}, scaling: {minReplicas: 1, maxReplicas: 5}}";

  private final TestingFleet fleet = new TestingFleet(ONE_TO_FIVE);
  private final FleetTelemetry telemetry = fleet.telemetry;
  private final CollectorRegistry registry = new CollectorRegistry();

  CollectorsTest() {
    Fleet members =
        new Fleet() {
          @Override
          public List<Member> members() {
            return List.of(fleet.member());
          }

          @Override
          public void wake(DeploymentKey key) {}
        };
    new FleetCollector(telemetry, members, fleet).register(registry);
    new ScalingCollector(telemetry, members).register(registry);
  }

  @Test
  void showTheDecisionWithItsInputsAndBounds() throws InterruptedException {
    fleet.addPod("10.0.0.1");
    fleet.says("10.0.0.1", 4, 9, 4500, 0);
    fleet.tick();
    shows(3, "recommended_replicas", "signal", "backlog");
    shows(1, "scaling_decision", "outcome", "up", "signal", "backlog");
    shows(1, "min_replicas");
    shows(5, "max_replicas");
    shows(4500, "waiting_prompt_tokens");
    shows(1000, "kv_tokens");
    shows(10000, "capacity_kv_tokens");
    shows(1000, "capacity_tokens_per_second", "kind", "prompt");
    shows(1, "serving_replicas");
    shows(0, "starting_pods");
  }

  @Test
  void showNoDecisionWhereNoneWasMade() {
    assertEquals(null, value("recommended_replicas", "signal", "backlog"));
    assertEquals(null, value("kv_tokens"));
    shows(5, "max_replicas");
  }

  private void shows(double expected, String name, String... labels) {
    assertEquals(expected, value(name, labels), name);
  }

  private Double value(String name, String... more) {
    String[] names = new String[2 + more.length / 2];
    String[] values = new String[names.length];
    names[0] = "namespace";
    values[0] = "models";
    names[1] = "deployment";
    values[1] = "sample";
    for (int i = 0; i < more.length; i += 2) {
      names[2 + i / 2] = more[i];
      values[2 + i / 2] = more[i + 1];
    }
    return registry.getSampleValue("kvasir_operator_" + name, names, values);
  }
}
