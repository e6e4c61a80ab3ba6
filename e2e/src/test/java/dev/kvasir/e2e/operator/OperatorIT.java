package dev.kvasir.e2e.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.AcceleratorStatus;
import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.controlplane.RealControlPlane;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The real operator, with the rights of the chart, against a real API server. */
class OperatorIT {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);
  private static final List<Class<? extends HasMetadata>> MADE =
      List.of(
          Deployment.class,
          Service.class,
          PodDisruptionBudget.class,
          NetworkPolicy.class,
          ControllerRevision.class);

  @TempDir static Path directory;

  private static RealControlPlane plane;
  private static KubernetesClient client;
  private static TestingOperator operator;
  private static TestingNode node;

  private String namespace;

  @BeforeAll
  static void startAll() throws Exception {
    plane = TestingPlane.start();
    client = plane.client();
    node = new TestingNode(client);
    operator = TestingOperator.install(plane, directory);
  }

  @AfterAll
  static void stopAll() throws Exception {
    if (operator != null) {
      operator.stop();
    }
    if (client != null) {
      client.close();
    }
    if (plane != null) {
      plane.close();
    }
  }

  @BeforeEach
  void makeNamespace(TestInfo test) {
    namespace = "t-" + Integer.toHexString(test.getDisplayName().hashCode());
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
  }

  @AfterEach
  void theChartsRoleIsEnough() {
    sample().delete();
    assertFalse(operator.log().contains("orbidden"), operator.log());
  }

  @Test
  void whatItMakesIsAcceptedAndServes() throws Exception {
    create("{model: {uri: 'bundled://sample'}, replicas: 2}");
    awaitReady();
    InferenceDeploymentStatus status = sample().get().getStatus();
    assertEquals(Phase.READY, status.phase());
    assertEquals(2, status.readyReplicas());
    assertEquals("http://sample." + namespace + ".svc:8000/v1", status.endpoint());
    for (Class<? extends HasMetadata> type : MADE) {
      HasMetadata object = made(type).getFirst();
      assertEquals(
          sample().get().getMetadata().getUid(),
          object.getMetadata().getOwnerReferences().getFirst().getUid(),
          object.getKind());
    }
    assertEquals(2, client.resource(sample().get()).scale().getStatus().getReplicas());
  }

  @Test
  void theCardThatAPodRunsOnIsInTheStatus() throws Exception {
    try (TestingMetrics _ = TestingMetrics.ofARuntimeOn("NVIDIA H100 80GB HBM3")) {
      create("{model: {uri: 'bundled://sample'}, accelerator: {count: 1}}");
      awaitReady();
      Eventually.holds(
          "the card is in the status",
          () -> !sample().get().getStatus().accelerators().isEmpty(),
          this::seen);
    }
    AcceleratorStatus card = sample().get().getStatus().accelerators().getFirst();
    assertEquals(
        new AcceleratorStatus(
            "NVIDIA H100 80GB HBM3", "79.6Gi", "CUDA 13.0", 1, "15.0Gi", "56.0Gi"),
        card);
    assertEquals(Map.of("nvidia.com/gpu", new Quantity("1")), gpuPod().getResources().getLimits());
  }

  private Container gpuPod() {
    return client
        .pods()
        .inNamespace(namespace)
        .list()
        .getItems()
        .getFirst()
        .getSpec()
        .getContainers()
        .getFirst();
  }

  @Test
  void reconcilingAgainWritesNothing() throws Exception {
    create(
        "{model: {uri: 'bundled://sample'}, access: {apiKeysSecretRef: {name: keys}}, runtime:"
            + " {resources: {requests: {cpu: '0.5', memory: 1024Mi}}, env: [{name: A, value:"
            + " b}]}}");
    makeSecret();
    awaitReady();
    Map<String, String> before = versions();
    operator.restart();
    Eventually.holds(
        "the operator has looked at it again",
        () -> operator.reconciliations() >= 1,
        operator::log);
    assertEquals(before, versions());
  }

  @Test
  void anInvalidSpecChangesNothingThatRunsAndSaysWhy() throws Exception {
    create("{model: {uri: 'bundled://sample'}}");
    awaitReady();
    var running = deployment().getSpec();
    patch("{'accelerator': {'nodeSelector': {'no label!': 'x'}}}");
    awaitCondition("SpecValid", "False", "RefusedByApiServer");
    assertEquals(running, deployment().getSpec());
    assertEquals(Phase.DEGRADED, sample().get().getStatus().phase());
    Eventually.holds(
        "an event says why",
        () -> events("SpecInvalid").stream().anyMatch(e -> e.getMessage().contains("no label!")),
        () -> events("SpecInvalid"));
    patch("{'accelerator': {'nodeSelector': {'no label!': null, 'pool': 'a'}}}");
    awaitReady();
    assertEquals(
        Map.of("pool", "a"), deployment().getSpec().getTemplate().getSpec().getNodeSelector());
  }

  @Test
  void theCrdsRulesHoldForTheUserToo() {
    RuntimeException refusal =
        assertThrows(RuntimeException.class, () -> create("{model: {uri: 'hf://org/model'}}"));
    assertTrue(refusal.getMessage().contains("hf:// is not supported yet"), refusal.getMessage());
  }

  @Test
  void scalingIsTheUsersAndNobodyElses() throws Exception {
    create("{model: {uri: 'bundled://sample'}}");
    awaitReady();
    sample().scale(3);
    Eventually.holds(
        "three pods", () -> deployment().getSpec().getReplicas() == 3, this::deployment);
    awaitReady();
    client.apps().deployments().inNamespace(namespace).withName("sample").scale(1);
    Eventually.holds(
        "the Deployment is set back", () -> !events("ReplicasOverridden").isEmpty(), operator::log);
    assertEquals(3, deployment().getSpec().getReplicas());
    assertTrue(
        events("ReplicasOverridden").getFirst().getMessage().startsWith("fabric8"),
        () -> events("ReplicasOverridden").toString());
  }

  @Test
  void whatIsSomeoneElsesStaysAsItIs() throws Exception {
    Service theirs =
        client
            .resource(
                new ServiceBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName("sample")
                    .endMetadata()
                    .withNewSpec()
                    .withSelector(Map.of("app", "theirs"))
                    .addNewPort()
                    .withPort(80)
                    .endPort()
                    .endSpec()
                    .build())
            .create();
    create("{model: {uri: 'bundled://sample'}}");
    awaitCondition("Progressing", "False", "ApplyFailed");
    assertEquals(theirs, client.resource(theirs).get());
    client.resource(theirs).delete();
    awaitReady();
  }

  @Test
  void zeroReplicasAreIdle() throws Exception {
    create("{model: {uri: 'bundled://sample'}, replicas: 0}");
    awaitCondition("Ready", "True", "ScaledToZero");
    assertEquals(Phase.IDLE, sample().get().getStatus().phase());
  }

  @Test
  void aMissingSecretIsWaitedFor() throws Exception {
    create("{model: {uri: 'bundled://sample'}, access: {apiKeysSecretRef: {name: keys}}}");
    awaitCondition("Ready", "False", "SecretNotFound");
    assertEquals(List.of(), made(Deployment.class));
    makeSecret();
    awaitReady();
  }

  @Test
  void templatesThatAreNoLongerWantedAreSwept() throws Exception {
    create("{model: {uri: 'bundled://sample'}}");
    for (int length = 1; length <= 4; length++) {
      awaitReady();
      patch("{'runtime': {'maxModelLen': %d}}".formatted(length));
    }
    awaitReady();
    Eventually.holds(
        "three revisions are left",
        () -> made(ControllerRevision.class).size() == 3,
        () -> made(ControllerRevision.class));
  }

  @Test
  void deletingItRemovesEverything() throws Exception {
    create("{model: {uri: 'bundled://sample'}}");
    awaitReady();
    sample().delete();
    for (Class<? extends HasMetadata> type : MADE) {
      Eventually.holds(
          type.getSimpleName() + " is gone", () -> made(type).isEmpty(), () -> made(type));
    }
    Eventually.holds(
        "pods are on their way out",
        () ->
            client.pods().inNamespace(namespace).list().getItems().stream()
                .allMatch(pod -> pod.getMetadata().getDeletionTimestamp() != null),
        () -> client.pods().inNamespace(namespace).list());
  }

  private void create(String spec) {
    client
        .resource(
            """
            {apiVersion: inference.kvasir.dev/v1alpha1, kind: InferenceDeployment,
             metadata: {name: sample, namespace: %s}, spec: %s}
            """
                .formatted(namespace, spec)
                .replaceFirst("^\\{", "---\n{"))
        .create();
  }

  private void patch(String spec) {
    sample().patch(MERGE, "{\"spec\": %s}".formatted(spec.replace('\'', '"')));
  }

  private void makeSecret() {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("keys")
                .endMetadata()
                .addToStringData("api-keys", "secret-key")
                .build())
        .create();
  }

  private Resource<InferenceDeployment> sample() {
    return client.resources(InferenceDeployment.class).inNamespace(namespace).withName("sample");
  }

  private Deployment deployment() {
    return client.apps().deployments().inNamespace(namespace).withName("sample").get();
  }

  private <T extends HasMetadata> List<T> made(Class<T> type) {
    return client
        .resources(type)
        .inNamespace(namespace)
        .withLabel("app.kubernetes.io/managed-by", "kvasir-operator")
        .list()
        .getItems();
  }

  private List<Event> events(String reason) {
    return client.v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> reason.equals(event.getReason()))
        .toList();
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("InferenceDeployment", sample().get().getMetadata().getResourceVersion());
    for (Class<? extends HasMetadata> type : MADE) {
      made(type)
          .forEach(object ->
              versions.put(
                  object.getKind() + " " + object.getMetadata().getName(),
                  object.getMetadata().getResourceVersion()));
    }
    return versions;
  }

  /** Plays the node until the resource says that its newest generation is ready. */
  private void awaitReady() throws InterruptedException {
    Eventually.holds(
        "Ready",
        () -> {
          node.makeAllReady(namespace);
          return isAt("Ready", "True", "AllReplicasServe");
        },
        this::seen);
  }

  private void awaitCondition(String type, String status, String reason)
      throws InterruptedException {
    Eventually.holds(type + "=" + status, () -> isAt(type, status, reason), this::seen);
  }

  private boolean isAt(String type, String status, String reason) {
    InferenceDeployment resource = sample().get();
    return resource.getStatus() != null
        && resource.getStatus().conditions().stream()
            .filter(each -> each.getType().equals(type))
            .filter(
                each -> each.getObservedGeneration().equals(resource.getMetadata().getGeneration()))
            .anyMatch(each -> each.getStatus().equals(status) && each.getReason().equals(reason));
  }

  private String seen() {
    return sample().get() + "\n" + operator.log();
  }
}
