package dev.kvasir.e2e.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kubectl, as people use it, against the embedded API server. */
class KubectlIT {
  private static final String WEB =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 2
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
            - {name: c, image: "web:1", env: [{name: A, value: "1"}]}
      """;

  private static final String MODEL =
      """
      apiVersion: inference.kvasir.dev/v1alpha1
      kind: InferenceDeployment
      metadata: {name: chat}
      spec: {model: {uri: "bundled://sample"}}
      """;

  @TempDir Path directory;
  private EmbeddedControlPlane plane;
  private Kubectl kubectl;

  @BeforeEach
  void start() throws IOException {
    plane = EmbeddedControlPlane.start(0, directory);
    kubectl = Kubectl.orSkip(plane.kubeconfig());
  }

  @AfterEach
  void stop() {
    if (plane != null) {
      plane.close();
    }
  }

  @Test
  void applyOnTheClientChangesOnlyWhatChanged() {
    assertEquals("deployment.apps/web created", kubectl.apply(WEB).ok());
    assertEquals("deployment.apps/web unchanged", kubectl.apply(WEB).ok());
    String changed = WEB.replace("{name: A, value: \"1\"}", "{name: B, value: \"2\"}");
    assertEquals("deployment.apps/web configured", kubectl.apply(changed).ok());
    assertEquals("B", kubectl.run("get", "deploy", "web", "-o", path("{..env[*].name}")).ok());
    assertEquals("2", kubectl.run("get", "deploy", "web", "-o", generation()).ok());
  }

  @Test
  void applyOnTheServerReportsConflictsAndTakesOver() {
    kubectl.apply(WEB, "--server-side").ok();
    kubectl.run("scale", "deploy", "web", "--replicas=5").ok();
    String told = kubectl.apply(WEB, "--server-side").refused();
    assertTrue(
        told.contains(
            "Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\""
                + " using apps/v1: .spec.replicas"),
        told);
    kubectl.apply(WEB, "--server-side", "--force-conflicts").ok();
    assertEquals("2", kubectl.run("get", "deploy", "web", "-o", path("{.spec.replicas}")).ok());
    String version = kubectl.run("get", "deploy", "web", "-o", version()).ok();
    kubectl.apply(WEB, "--server-side").ok();
    assertEquals(version, kubectl.run("get", "deploy", "web", "-o", version()).ok());
  }

  @Test
  void aDefinitionMakesItsResourcesAppear() {
    defineModels();
    assertEquals(
        "inferencedeployment.inference.kvasir.dev/chat created", kubectl.apply(MODEL).ok());
    String table = kubectl.run("get", "infd").ok();
    assertEquals(
        "NAME MODEL QUANT READY DESIRED KV% TOK/S QUEUE PHASE AGE",
        table.lines().findFirst().orElse("").replaceAll(" +", " ").strip());
    assertTrue(
        kubectl.run("get", "all").ok().contains("inference.kvasir.dev/chat"), "kubectl get all");
    kubectl.run("scale", "infd", "chat", "--replicas=3").ok();
    assertEquals("3", kubectl.run("get", "infd", "chat", "-o", path("{.spec.replicas}")).ok());
    assertTrue(kubectl.run("describe", "infd", "chat").ok().contains("bundled://sample"));
    assertTrue(kubectl.run("explain", "infd.spec.model").ok().contains("uri\t<string>"));
    kubectl.run("delete", "infd", "chat").ok();
    assertEquals("", kubectl.run("get", "infd", "-o", "name").ok());
    kubectl.run("delete", "crd", "inferencedeployments.inference.kvasir.dev").ok();
    kubectl.run("get", "--raw", "/apis/inference.kvasir.dev/v1alpha1").refused();
  }

  @Test
  void mistakesAreNamed() {
    defineModels();
    String unknown = kubectl.apply(MODEL.replace("spec: {", "spec: {colour: red, ")).refused();
    assertTrue(unknown.contains("unknown field \"spec.colour\""), unknown);
    String negative = kubectl.apply(MODEL.replace("spec: {", "spec: {replicas: -1, ")).refused();
    String expected =
        "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0";
    assertTrue(negative.contains(expected), negative);
    String rule = kubectl.apply(MODEL.replace("bundled://sample", "hf://a/b")).refused();
    assertTrue(rule.contains("hf:// is not supported yet"), rule);
    String builtIn = kubectl.apply(WEB.replace("image:", "immage:")).refused();
    assertTrue(
        builtIn.contains("unknown field \"spec.template.spec.containers[0].immage\""), builtIn);
  }

  @Test
  void watchesPrintChanges() throws IOException, InterruptedException {
    kubectl.apply(WEB).ok();
    try (Kubectl.Background watch = kubectl.background("get", "deploy", "-w")) {
      watch.awaitLine(Pattern.compile("web +0/2 .*"));
      kubectl.run("scale", "deploy", "web", "--replicas=3").ok();
      watch.awaitLine(Pattern.compile("web +0/3 .*"));
      kubectl.run("delete", "deploy", "web").ok();
    }
  }

  @Test
  void aNamespaceTakesItsContentWithIt() {
    kubectl.run("create", "namespace", "lab").ok();
    kubectl.run("create", "configmap", "c", "--from-literal=a=b", "-n", "lab").ok();
    kubectl.run("delete", "namespace", "lab").ok();
    assertTrue(kubectl.run("get", "namespace", "lab").refused().contains("not found"));
    assertEquals("", kubectl.run("get", "configmap", "-A", "-o", "name").ok());
  }

  private void defineModels() {
    kubectl
        .run(
            "apply",
            "-f",
            "../crds/src/main/resources/META-INF/fabric8/"
                + "inferencedeployments.inference.kvasir.dev-v1.yml")
        .ok();
  }

  private static String path(String jsonPath) {
    return "jsonpath=" + jsonPath;
  }

  private static String generation() {
    return path("{.metadata.generation}");
  }

  private static String version() {
    return path("{.metadata.resourceVersion}");
  }
}
