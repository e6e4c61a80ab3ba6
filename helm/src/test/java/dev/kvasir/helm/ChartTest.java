package dev.kvasir.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final Path MANIFESTS = Path.of("../manifests");
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
    Committed.assertIs(HEADER + rendered, MANIFESTS.resolve("install.yaml"));
  }

  @Test
  void carriesTheGeneratedCrd() throws IOException {
    Committed.assertIs(
        Files.readString(CRD), Chart.PATH.resolve("files/inferencedeployments.yaml"));
  }

  /** Helm reads nothing outside of the chart. */
  @Test
  void carriesTheRulesAndDashboards() throws IOException {
    Committed.assertIs(
        Files.readString(MANIFESTS.resolve("prometheus/rules.yaml")),
        Chart.PATH.resolve("files/monitoring/rules.yaml"));
    for (Path dashboard : dashboards()) {
      Committed.assertIs(
          Files.readString(dashboard),
          Chart.PATH.resolve("files/dashboards").resolve(dashboard.getFileName()));
    }
  }

  @Test
  void rendersADashboardAsItIs() throws IOException {
    Path values =
        Files.writeString(
            temporary.resolve("values.yaml"), "monitoring: {dashboards: {enabled: true}}");
    Map<String, JsonNode> maps = new HashMap<>();
    try (MappingIterator<JsonNode> objects =
        new YAMLMapper().readerFor(JsonNode.class).readValues(Chart.render(values))) {
      objects.forEachRemaining(object -> {
        if (object.path("metadata").path("labels").has("grafana_dashboard")) {
          object.get("data").properties().forEach(file -> maps.put(file.getKey(), file.getValue()));
        }
      });
    }
    assertEquals(dashboards().size(), maps.size());
    for (Path dashboard : dashboards()) {
      assertEquals(
          Files.readString(dashboard).strip(),
          maps.get("kvasir-" + dashboard.getFileName()).asText().strip());
    }
  }

  private static List<Path> dashboards() throws IOException {
    try (Stream<Path> files = Files.list(MANIFESTS.resolve("grafana"))) {
      return files.sorted().toList();
    }
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
          {monitoring: {podMonitors: {interval: often}}}    | interval
          """)
  void refusesValuesThatMakeNoSense(String values, String named) throws IOException {
    Path file = Files.writeString(temporary.resolve("values.yaml"), values);
    RuntimeException refusal = assertThrows(RuntimeException.class, () -> Chart.render(file));
    assertTrue(refusal.getMessage().contains(named), refusal.getMessage());
  }
}
