package dev.kvasir.operator.inferencedeployment.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The operator refuses what the CRD refuses, for resources that were stored before a rule. */
class SpecValidatorTest {
  private static final Path FILES = Path.of("../crds/src/test/resources/validation");

  /** Only the API server can see these, and none reaches the operator: see each file. */
  private static final Set<String> SERVER_ONLY =
      Set.of(
          "unknown-field.yaml",
          "env-no-source-key.yaml",
          "args-many.yaml",
          "api-keys-name.yaml",
          "api-keys-key.yaml",
          "env-name.yaml",
          "gpu-runtime-class.yaml",
          "image-space.yaml",
          "kv-dtype-unknown.yaml",
          "kv-prefix-caching-text.yaml",
          "quantization-unknown.yaml",
          "model-name-long.yaml",
          "scaling-mode-unknown.yaml");

  private final KubernetesSerialization yaml = new KubernetesSerialization();

  static List<Path> valid() throws IOException {
    return files("valid");
  }

  static List<Path> invalid() throws IOException {
    return files("invalid").stream()
        .filter(file -> !SERVER_ONLY.contains(file.getFileName().toString()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("valid")
  void takesWhatTheCrdTakes(Path file) throws IOException {
    assertEquals(List.of(), problems(file));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refusesWhatTheCrdRefuses(Path file) throws IOException {
    assertFalse(problems(file).isEmpty(), file + " was taken");
  }

  private List<String> problems(Path file) throws IOException {
    InferenceDeployment resource =
        yaml.unmarshal(Files.newInputStream(file), InferenceDeployment.class);
    return SpecValidator.problems(resource.getMetadata().getName(), resource.getSpec());
  }

  private static List<Path> files(String kind) throws IOException {
    try (Stream<Path> files = Files.list(FILES.resolve(kind))) {
      return files.sorted().toList();
    }
  }
}
