package dev.kvasir.operator.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.telemetry.DeploymentKey;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogTest {
  private static final String DEPLOYMENT =
      """
      apiVersion: inference.kvasir.dev/v1alpha1
      kind: InferenceDeployment
      metadata: {name: one, namespace: a, creationTimestamp: "2026-01-02T03:04:05Z"}
      spec: {model: {uri: "bundled://sample", name: org/Model}, replicas: 1}
      """;
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: one-x
        namespace: a
        labels: {app.kubernetes.io/instance: one, inference.kvasir.dev/serving: "true"}
      spec: {containers: [{name: runtime, ports: [{name: http, containerPort: 8123}]}]}
      status: {podIP: 10.0.0.7, conditions: [{type: Ready, status: "True"}]}
      """;

  @Test
  void readyPodsThatServeAreReplicas() {
    Served served = read(DEPLOYMENT, POD);
    assertEquals(new DeploymentKey("a", "one"), served.key());
    assertEquals("org/Model", served.model());
    assertTrue(served.wakes());
    assertEquals(List.of(new Endpoint("one-x", "10.0.0.7", 8123)), served.ready());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "serving: \"true\" | serving: \"false\"",
        "status: \"True\" | status: \"False\"",
        "podIP: 10.0.0.7, | ''",
        "instance: one | instance: two",
        "namespace: a | namespace: b",
        "name: one-x | deletionTimestamp: \"2026-01-02T03:04:05Z\""
      })
  void otherPodsAreNot(String part, String other) {
    String pod = POD.replace(part, other == null ? "" : other);
    assertFalse(pod.equals(POD));
    assertEquals(List.of(), read(DEPLOYMENT, pod).ready());
  }

  @Test
  void theNameThatReplicasHaveCounts() {
    assertEquals("old", read(DEPLOYMENT + "status: {model: old}\n", POD).model());
    assertEquals("one", read(DEPLOYMENT.replace(", name: org/Model", ""), POD).model());
  }

  @Test
  void nothingWakesWhatIsSwitchedOff() {
    assertFalse(read(DEPLOYMENT.replace("replicas: 1", "replicas: 0"), POD).wakes());
    String scaled = DEPLOYMENT.replace("replicas: 1", "scaling: {minReplicas: 0, maxReplicas: 2}");
    assertTrue(read(scaled, POD).wakes());
    String advised = scaled.replace("maxReplicas: 2", "maxReplicas: 2, mode: Advisory");
    assertFalse(read(advised, POD).wakes());
    assertTrue(read(advised + "status: {replicas: 1}\n", POD).wakes());
  }

  @Test
  void anAddressCanNotBeTakenByAModelsName() {
    Served one = TestingGateway.served("a", "one", "m", List.of());
    Served thief = TestingGateway.served("b", "two", "a/one", List.of());
    Catalog catalog = new Catalog(List.of(thief, one));
    assertEquals(new Catalog.Found(one), catalog.meaning("a/one"));
    assertEquals(new Catalog.Found(thief), catalog.meaning("b/two"));
    assertEquals("b/two", catalog.listedName(thief));
    assertEquals("m", catalog.listedName(one));
    assertEquals(new Catalog.Unknown(), catalog.meaning("one"));
  }

  private static Served read(String deployment, String pod) {
    return CatalogReader.read(
            List.of(Serialization.unmarshal(deployment, InferenceDeployment.class)),
            List.of(Serialization.unmarshal(pod, Pod.class)))
        .all()
        .iterator()
        .next();
  }
}
