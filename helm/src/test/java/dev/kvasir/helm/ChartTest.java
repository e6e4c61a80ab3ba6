package dev.kvasir.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path CRD =
      Path.of(
          "../crds/src/main/resources/META-INF/fabric8/inferencedeployments.inference.kvasir.dev-v1.yml");
  private static final String HEADER =
      """
      # Rendered from helm/kvasir with its defaults; do not edit.
      apiVersion: v1
      kind: Namespace
      metadata:
        name: kvasir-system
      """;

  @TempDir Path temporary;

  static List<Path> cases() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rendersWhatIsCommitted(Path folder) throws IOException {
    Committed.assertIs(Chart.render(folder.resolve("values.yaml")), folder.resolve("out.yaml"));
  }

  @Test
  void plainManifestIsTheChartWithItsDefaults() throws IOException {
    Path noValues = Files.writeString(temporary.resolve("values.yaml"), "{}");
    String rendered = Chart.render(noValues);
    Committed.assertIs(HEADER + rendered, Path.of("../manifests/install.yaml"));
  }

  @Test
  void carriesTheGeneratedCrd() throws IOException {
    Committed.assertIs(
        Files.readString(CRD), Chart.PATH.resolve("files/inferencedeployments.yaml"));
  }

  @Test
  void lints() {
    LintResult result = new Helm(Chart.PATH).lint().strict().call();
    assertFalse(result.isFailed(), () -> String.join("\n", result.getMessages()));
  }

  @Test
  void isForTheVersionThatIsBuilt() throws IOException {
    String appVersion =
        new YAMLMapper()
            .readTree(Chart.PATH.resolve("Chart.yaml").toFile())
            .get("appVersion")
            .asText();
    assertEquals(System.getProperty("kvasir.version"), appVersion, "appVersion in Chart.yaml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {replica: 2}                                      | replica
          {replicas: two}                                   | replicas
          {image: {pullPolicy: Sometimes}}                  | pullPolicy
          {watchNamespaces: [Team-A]}                       | watchNamespaces
          {replicas: 2, leaderElection: {enabled: false}}   | leaderElection.enabled
          {gateway: {holdSeconds: 0}}                       | holdSeconds
          {serviceAccount: {create: false}}                 | serviceAccount.name
          {console: {enabled: true}}                        | console.tokenSecret.name
          {console: {history: forever}}                     | history
          """)
  void refusesValuesThatMakeNoSense(String values, String named) throws IOException {
    Path file = Files.writeString(temporary.resolve("values.yaml"), values);
    RuntimeException refusal = assertThrows(RuntimeException.class, () -> Chart.render(file));
    assertTrue(refusal.getMessage().contains(named), refusal.getMessage());
  }
}
