package dev.kvasir.e2e.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.apiserver.EmbeddedControlPlane;
import dev.kvasir.e2e.controlplane.ControlPlane;
import dev.kvasir.e2e.controlplane.FreePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The operator's image: small, unprivileged, and it does the operator's work. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OperatorImageIT {
  private static final long LARGEST = 200_000_000;
  private static final Path CHECKOUT = Path.of("..");
  private static final String CRD =
      "crds/src/main/resources/META-INF/fabric8/inferencedeployments.inference.kvasir.dev-v1.yml";
  private static final String SAMPLE = "manifests/samples/sample.yaml";

  private static String image;

  @TempDir Path directory;

  @BeforeAll
  static void build() throws Exception {
    TestingImages.assumeDocker();
    image = TestingImages.build("operator");
  }

  @Test
  void itIsAtMost200Megabytes() {
    assertTrue(TestingImages.size(image) <= LARGEST, "bytes: " + TestingImages.size(image));
  }

  @Test
  void itReconcilesAsAnUnprivilegedUser() throws Exception {
    try (ControlPlane plane = EmbeddedControlPlane.start(0, directory);
        KubernetesClient client = plane.client()) {
      apply(client, CRD);
      try (GenericContainer<?> operator = start(plane)) {
        apply(client, SAMPLE);
        Deployment made = awaitDeployment(client, operator);
        assertEquals(
            "kvasir-operator", made.getMetadata().getManagedFields().getFirst().getManager());
        assertEquals("65532:65532", operator.getContainerInfo().getConfig().getUser());
      }
    }
  }

  private static void apply(KubernetesClient client, String file) throws Exception {
    try (InputStream yaml = Files.newInputStream(CHECKOUT.resolve(file))) {
      client
          .load(yaml)
          .items()
          .forEach(item -> {
            if (item.getMetadata().getNamespace() == null && !file.equals(CRD)) {
              item.getMetadata().setNamespace("default");
            }
            var _ = client.resource(item).forceConflicts().serverSideApply();
          });
    }
  }

  /** On the host's network, where the API server listens on a loopback address. */
  private GenericContainer<?> start(ControlPlane plane) throws Exception {
    Path kubeconfig = Files.copy(plane.kubeconfig(), directory.resolve("for-all"));
    assertTrue(kubeconfig.toFile().setReadable(true, false));
    assertTrue(directory.toFile().setExecutable(true, false));
    int port = FreePort.choose();
    GenericContainer<?> operator =
        TestingContainer.of(image, 512)
            .withNetworkMode("host")
            .withCreateContainerCmdModifier(
                command -> command.getHostConfig().withBinds(readOnly(kubeconfig)))
            .withEnv("KUBECONFIG", "/kubeconfig")
            .withEnv("KVASIR_OPERATOR_NAMESPACE", "default")
            .withEnv("QUARKUS_HTTP_HOST", "127.0.0.1")
            .withEnv("QUARKUS_HTTP_PORT", Integer.toString(port))
            .waitingFor(
                Wait.forLogMessage(".*\\[OperatorStart\\].*", 1)
                    .withStartupTimeout(Duration.ofMinutes(1)));
    operator.start();
    return operator;
  }

  /** Not by Testcontainers, which would pull an image to find out whether files can be mounted. */
  private static Bind readOnly(Path file) {
    return new Bind(file.toString(), new Volume("/kubeconfig"), AccessMode.ro);
  }

  private static Deployment awaitDeployment(KubernetesClient client, GenericContainer<?> operator) {
    var all = client.apps().deployments().inNamespace("default");
    Eventually.check(
        Duration.ofMinutes(1),
        () ->
            assertFalse(
                all.list().getItems().isEmpty(),
                () -> "no Deployment was made; the operator's log:\n" + operator.getLogs()));
    return all.list().getItems().getFirst();
  }
}
