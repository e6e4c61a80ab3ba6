package dev.kvasir.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The files that the integration test applies to a real API server: here only that none is missing.
 */
class ValidationFilesTest {
  private static final Path FILES = Path.of("src/test/resources/validation");
  private static final String EXPECT = "# expect: ";
  private final KubernetesSerialization yaml = new KubernetesSerialization();

  @Test
  void everyRuleHasAFileThatBreaksIt() throws IOException {
    List<String> expectations = expectations();
    List<String> unbroken =
        rules(schema())
            .map(ValidationRule::getMessage)
            .filter(message -> expectations.stream().noneMatch(message::contains))
            .toList();
    assertEquals(List.of(), unbroken, "rules of the CRD without a file in validation/invalid");
  }

  @Test
  void everyInvalidFileSaysWhatToExpect() throws IOException {
    for (Path file : files("invalid")) {
      assertTrue(
          Files.readString(file).startsWith(EXPECT), file + " must start with '" + EXPECT + "'");
    }
  }

  @Test
  void validFilesAndSamplesAreRead() throws IOException {
    List<Path> all =
        Stream.concat(files("valid").stream(), list(Path.of("../manifests/samples")).stream())
            .toList();
    for (Path file : all) {
      InferenceDeployment resource =
          yaml.unmarshal(Files.newInputStream(file), InferenceDeployment.class);
      assertNotNull(resource.getSpec().model().uri(), file.toString());
    }
  }

  private JSONSchemaProps schema() throws IOException {
    return yaml.unmarshal(
            Files.newInputStream(CrdManifest.COMMITTED), CustomResourceDefinition.class)
        .getSpec()
        .getVersions()
        .getFirst()
        .getSchema()
        .getOpenAPIV3Schema();
  }

  private static Stream<ValidationRule> rules(JSONSchemaProps schema) {
    Stream<JSONSchemaProps> items =
        schema.getItems() == null ? Stream.empty() : Stream.of(schema.getItems().getSchema());
    Stream<JSONSchemaProps> children =
        Stream.concat(schema.getProperties().values().stream(), items);
    return Stream.concat(
        schema.getXKubernetesValidations().stream(), children.flatMap(ValidationFilesTest::rules));
  }

  private static List<String> expectations() throws IOException {
    return files("invalid").stream()
        .map(ValidationFilesTest::firstLine)
        .map(line -> line.substring(EXPECT.length()))
        .toList();
  }

  private static String firstLine(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> files(String kind) throws IOException {
    return list(FILES.resolve(kind));
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
