package dev.kvasir.operator.inferencedeployment.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.operator.TestingSpecs;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class WantedReplicasTest {
  private static final Optional<Deployment> FIVE =
      Optional.of(new DeploymentBuilder().withNewSpec().withReplicas(5).endSpec().build());
  private static final WantedReplicas DECIDED =
      new WantedReplicas(OptionalInt.of(4), OptionalInt.of(3));

  private static InferenceDeploymentSpec spec(String scaling) {
    return TestingSpecs.spec(
        "{model: {uri: 'bundled://sample'}, replicas: 2%s}".formatted(scaling));
  }

  @Test
  void withoutScalingTheSpecDecides() {
    assertEquals(2, DECIDED.of(spec(""), FIVE));
  }

  @Test
  void withScalingTheScalerDecides() {
    assertEquals(4, DECIDED.of(spec(", scaling: {maxReplicas: 8}"), FIVE));
  }

  @Test
  void adviceChangesNothing() {
    InferenceDeploymentSpec advisory = spec(", scaling: {maxReplicas: 8, mode: Advisory}");
    assertEquals(3, DECIDED.of(advisory, FIVE), "what was wanted, whatever someone set since");
    assertEquals(5, WantedReplicas.UNKNOWN.of(advisory, FIVE));
  }

  @Test
  void beforeTheFirstDecisionItIsAsItWas() {
    InferenceDeploymentSpec scaled = spec(", scaling: {maxReplicas: 8}");
    assertEquals(3, new WantedReplicas(OptionalInt.empty(), OptionalInt.of(3)).of(scaled, FIVE));
    assertEquals(5, WantedReplicas.UNKNOWN.of(scaled, FIVE));
  }

  @Test
  void aNewOneBeginsWithinItsBounds() {
    assertEquals(
        3,
        WantedReplicas.UNKNOWN.of(
            spec(", scaling: {minReplicas: 3, maxReplicas: 8}"), Optional.empty()));
    assertEquals(
        1, WantedReplicas.UNKNOWN.of(spec(", scaling: {maxReplicas: 1}"), Optional.empty()));
  }
}
