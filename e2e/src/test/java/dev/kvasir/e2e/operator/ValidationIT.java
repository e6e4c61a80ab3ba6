package dev.kvasir.e2e.operator;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.controlplane.RealControlPlane;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of the CRD, held against a real API server. */
class ValidationIT {
  private static final Path FILES =
      TestingOperator.ROOT.resolve("crds/src/test/resources/validation");
  private static final String EXPECT = "# expect: ";

  private static RealControlPlane plane;
  private static KubernetesClient client;

  @BeforeAll
  static void startAll() throws Exception {
    plane = TestingPlane.start();
    client = plane.client();
    try (InputStream crd =
        CustomResourceDefinition.class.getResourceAsStream(
            "/META-INF/fabric8/inferencedeployments.inference.kvasir.dev-v1.yml")) {
      client.load(crd).create();
    }
    Eventually.holds(
        "the CRD is served", ValidationIT::isServed, () -> "no answer for its resources");
  }

  private static boolean isServed() {
    try {
      client
          .genericKubernetesResources("inference.kvasir.dev/v1alpha1", "InferenceDeployment")
          .inNamespace("default")
          .list();
      return true;
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  @AfterAll
  static void stopAll() {
    if (client != null) {
      client.close();
    }
    if (plane != null) {
      plane.close();
    }
  }

  static List<Path> valid() throws IOException {
    return Stream.concat(
            files(FILES.resolve("valid")), files(TestingOperator.ROOT.resolve("manifests/samples")))
        .toList();
  }

  static List<Path> invalid() throws IOException {
    return files(FILES.resolve("invalid")).toList();
  }

  @ParameterizedTest
  @MethodSource("valid")
  void takes(Path file) {
    assertDoesNotThrow(() -> create(file), file.toString());
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refuses(Path file) throws IOException {
    String expected = Files.readAllLines(file).getFirst().substring(EXPECT.length());
    KubernetesClientException refusal =
        assertThrows(KubernetesClientException.class, () -> create(file), file.toString());
    assertTrue(
        refusal.getMessage().contains(expected),
        () -> file + "\n  must say:  " + expected + "\n  but says:  " + refusal.getMessage());
  }

  private static void create(Path file) throws IOException {
    GenericKubernetesResource resource =
        client
            .getKubernetesSerialization()
            .unmarshal(Files.readString(file), GenericKubernetesResource.class);
    client
        .resource(resource)
        .inNamespace("default")
        .dryRun()
        .fieldValidation(FieldValidateable.Validation.STRICT)
        .create();
  }

  private static Stream<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    }
  }
}
