package dev.kvasir.operator.inferencedeployment.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each folder of golden/ is a resource, and the objects that are planned for it. */
class GoldenPlanTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final String COMMAND =
      "./mvnw -q -pl operator -am test -Dtest=GoldenPlanTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dkvasir.regenerate=true";

  private final KubernetesSerialization yaml = new KubernetesSerialization();

  static List<Path> cases() throws IOException {
    try (Stream<Path> folders = Files.list(GOLDEN)) {
      return folders.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void plansWhatIsCommitted(Path folder) throws IOException {
    Map<String, String> planned = planned(folder);
    if (Boolean.getBoolean("kvasir.regenerate")) {
      rewrite(folder, planned);
    }
    assertEquals(
        planned,
        committed(folder),
        () -> folder + " is not what is planned; look at the difference, then: " + COMMAND);
  }

  private Map<String, String> planned(Path folder) throws IOException {
    InferenceDeployment resource =
        yaml.unmarshal(Files.newInputStream(folder.resolve("in.yaml")), InferenceDeployment.class);
    resource.getMetadata().setUid("11111111-2222-3333-4444-555555555555");
    DesiredState desired =
        Planner.plan(
            new Planner.Input(
                Owner.of(resource),
                Optional.of(resource.getSpec()),
                new RevisionHistory(List.of()),
                Optional.empty(),
                WantedReplicas.UNKNOWN,
                new Planner.PodsNow(List.of(), Instant.EPOCH),
                new Platform("registry.example/node-runtime:1", Optional.of("kvasir-system"))));
    Map<String, String> files = new TreeMap<>();
    for (HasMetadata object : desired.objects()) {
      files.put("out-" + object.getKind().toLowerCase(Locale.ROOT) + ".yaml", yaml.asYaml(object));
    }
    return files;
  }

  private static Map<String, String> committed(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (Path file : outputs(folder)) {
      files.put(file.getFileName().toString(), Files.readString(file));
    }
    return files;
  }

  private static void rewrite(Path folder, Map<String, String> planned) throws IOException {
    for (Path file : outputs(folder)) {
      Files.delete(file);
    }
    for (Map.Entry<String, String> file : planned.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private static List<Path> outputs(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("out-")).toList();
    }
  }
}
