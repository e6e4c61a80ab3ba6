package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a user types, and what kubectl shows for it. */
interface KubectlConformance {
  @Test
  default void clientSideApplyKeepsTrackOfItsFields(Sandbox box) {
    var kubectl = box.kubectl();
    String two = Manifests.configMap("a", "{\"k\": \"1\", \"l\": \"2\"}");
    assertEquals("configmap/a created\n", kubectl.withInput(two, "apply", "-f", "-").output());
    assertEquals("configmap/a unchanged\n", kubectl.withInput(two, "apply", "-f", "-").output());
    box.api().patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"m\": \"3\"}}").expect(200);
    String one = Manifests.configMap("a", "{\"k\": \"4\"}");
    assertEquals("configmap/a configured\n", kubectl.withInput(one, "apply", "-f", "-").output());
    assertEquals(
        "{\"k\":\"4\",\"m\":\"3\"}",
        box.api().get(box.core("configmaps/a")).at("/data").toString());
  }

  @Test
  default void clientSideApplyOfEveryKindWeShip(Sandbox box) {
    for (String manifest :
        List.of(
            Manifests.deployment("d", 0),
            Manifests.service("s"),
            Manifests.widget("w", "{\"size\": 1}"),
            InferenceDeployments.SAMPLE)) {
      assertTrue(
          box.kubectl().withInput(manifest, "apply", "-f", "-").output().endsWith(" created\n"));
      assertTrue(
          box.kubectl().withInput(manifest, "apply", "-f", "-").output().endsWith(" unchanged\n"));
    }
    String changed = InferenceDeployments.SAMPLE + "  replicas: 2\n";
    assertEquals(
        "inferencedeployment.inference.kvasir.dev/sample configured\n",
        box.kubectl().withInput(changed, "apply", "-f", "-").output());
    assertEquals(
        "inferencedeployment.inference.kvasir.dev \"sample\" deleted\n",
        box.kubectl()
            .withInput(changed, "delete", "-f", "-")
            .output()
            .replace(" from " + box.namespace() + " namespace", ""));
  }

  @Test
  default void serverSideApplyNamesConflicts(Sandbox box) {
    String one = Manifests.configMap("a", "{\"k\": \"1\"}");
    String two = Manifests.configMap("a", "{\"k\": \"2\"}");
    var kubectl = box.kubectl();
    assertEquals(
        "configmap/a serverside-applied\n",
        kubectl.withInput(one, "apply", "--server-side", "--field-manager=m1", "-f", "-").output());
    String refused =
        kubectl.failing(two, "apply", "--server-side", "--field-manager=m2", "-f", "-").output();
    assertTrue(
        refused.contains("Apply failed with 1 conflict: conflict with \"m1\": .data.k"), refused);
    kubectl.withInput(
        two, "apply", "--server-side", "--field-manager=m2", "--force-conflicts", "-f", "-");
    assertEquals("2", box.api().get(box.core("configmaps/a")).text("/data/k"));
  }

  @Test
  default void anUnknownFieldIsRefusedByName(Sandbox box) {
    String wrong = InferenceDeployments.SAMPLE + "  replica: 2\n";
    String refused = box.kubectl().failing(wrong, "apply", "-f", "-").output();
    assertTrue(refused.contains("unknown field \"spec.replica\""), refused);
  }

  @Test
  default void getShowsOurColumns(Sandbox box) {
    box.kubectl().withInput(InferenceDeployments.SAMPLE, "apply", "-f", "-");
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 7}")).expect(201);
    List<String> infd = box.kubectl().run("get", "infd").lines();
    assertTrue(infd.getFirst().startsWith("NAME "), infd.toString());
    assertTrue(infd.getFirst().endsWith("AGE"), infd.toString());
    assertTrue(infd.get(1).startsWith("sample "), infd.toString());
    List<String> widgets = box.kubectl().run("get", "widgets").lines();
    assertEquals("NAME SIZE COLOR AGE", words(widgets.getFirst()));
    assertTrue(words(widgets.get(1)).matches("w 7 red \\d+s"), widgets.toString());
  }

  @Test
  default void getShowsTheColumnsOfBuiltIns(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 1)).expect(201);
    box.api().post(box.core("services"), Manifests.service("s")).expect(201);
    try (var _ = box.kubelet()) {
      Eventually.holds(
          "it is available",
          () ->
              box.api().get(box.apps("deployments/d")).at("/status/availableReplicas").asInt()
                  == 1);
      assertTable(box, "deployments", "NAME READY UP-TO-DATE AVAILABLE AGE", "d 1/1 1 1 \\d+s");
      assertTable(box, "replicasets", "NAME DESIRED CURRENT READY AGE", "d-[a-z0-9]+ 1 1 1 \\d+s");
      assertTable(
          box,
          "pods",
          "NAME READY STATUS RESTARTS AGE",
          "d-[a-z0-9]+-[a-z0-9]{5} 1/1 Running 0 \\d+s");
      assertTable(
          box,
          "services",
          "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT\\(S\\) AGE",
          "s ClusterIP [0-9.]+ <none> 8000/TCP \\d+s");
      assertTrue(
          words(box.kubectl().run("get", "pods", "-o", "wide").lines().get(1))
              .contains(" 127.70.1.1 conformance "));
    }
  }

  @Test
  default void getShowsAPodOnItsWayOut(Sandbox box) {
    box.api().post(box.core("pods"), Manifests.pod("p", PodConformance.BOUND)).expect(201);
    assertTable(box, "pods", "NAME READY STATUS RESTARTS AGE", "p 0/1 Pending 0 \\d+s");
    box.kubectl().run("delete", "pod", "p", "--wait=false");
    assertTable(box, "pods", "NAME READY STATUS RESTARTS AGE", "p 0/1 Terminating 0 \\d+s");
  }

  @Test
  default void getTakesEveryOutputForm(Sandbox box) {
    box.kubectl()
        .withInput(
            Manifests.configMapWith("a", "\"labels\": {\"tier\": \"web\"}"), "create", "-f", "-");
    assertEquals("configmap/a\n", box.kubectl().run("get", "cm", "a", "-o", "name").output());
    assertEquals(
        "web",
        box.kubectl().run("get", "cm", "a", "-o", "jsonpath={.metadata.labels.tier}").output());
    assertTrue(box.kubectl().run("get", "cm", "-L", "tier").lines().getFirst().endsWith("TIER"));
    assertEquals(
        "configmap/a\n", box.kubectl().run("get", "cm", "-l", "tier=web", "-o", "name").output());
    assertTrue(
        box.kubectl().run("get", "cm", "a", "-o", "yaml").output().contains("kind: ConfigMap"));
    assertTrue(
        box.kubectl()
            .run("get", "pods")
            .output()
            .startsWith("No resources found in " + box.namespace()));
    assertTrue(
        box.kubectl()
            .failing("", "get", "cm", "b")
            .output()
            .contains("Error from server (NotFound): configmaps \"b\" not found"));
  }

  @Test
  default void getWatchesRows(Sandbox box) throws IOException, InterruptedException {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    Process watch = box.kubectl().start("get", "widgets", "-w");
    try (BufferedReader rows = watch.inputReader(StandardCharsets.UTF_8)) {
      assertEquals("NAME SIZE COLOR AGE", words(rows.readLine()));
      assertTrue(words(rows.readLine()).startsWith("w 1 red "));
      box.api().patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"size\": 2}}").expect(200);
      assertTrue(words(rows.readLine()).startsWith("w 2 red "));
    } finally {
      watch.destroy();
      assertTrue(watch.waitFor(10, TimeUnit.SECONDS));
    }
  }

  @Test
  default void waitSeesConditionsFieldsAndDeletions(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 1)).expect(201);
    var kubectl = box.kubectl();
    try (var _ = box.kubelet()) {
      kubectl.run("wait", "--for=condition=Available", "deployment/d", "--timeout=30s");
      kubectl.run("wait", "--for=condition=Ready", "pod", "-l", "app=d", "--timeout=30s");
      kubectl.run(
          "wait", "--for=jsonpath={.status.readyReplicas}=1", "deployment/d", "--timeout=30s");
      kubectl.run("delete", "deployment", "d", "--wait=false");
      kubectl.run("wait", "--for=delete", "pod", "-l", "app=d", "--timeout=30s");
    }
    assertTrue(
        kubectl
            .failing("", "wait", "--for=condition=Ready", "pod/none", "--timeout=2s")
            .output()
            .contains("not found"));
  }

  @Test
  default void describeTellsTheStory(Sandbox box) {
    box.kubectl().withInput(InferenceDeployments.SAMPLE, "apply", "-f", "-");
    String resource = box.kubectl().run("describe", "infd", "sample").output();
    assertTrue(resource.contains("Uri:"), resource);
    assertTrue(resource.contains("bundled://sample"), resource);
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 1)).expect(201);
    Eventually.holds(
        "it scaled up",
        () ->
            box.kubectl()
                .run("describe", "deployment", "d")
                .output()
                .contains("ScalingReplicaSet"));
    Eventually.holds("a pod", () -> box.api().get(box.core("pods")).at("/items").size() == 1);
    assertTrue(box.kubectl().run("describe", "pods").output().contains("conformance/none:1"));
    box.api().post(box.core("services"), Manifests.service("s")).expect(201);
    assertTrue(box.kubectl().run("describe", "service", "s").output().contains("app=s"));
  }

  @Test
  default void eventsAreListed(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 1)).expect(201);
    Eventually.holds(
        "the pod's creation is an event",
        () -> box.kubectl().run("get", "events").output().contains("SuccessfulCreate"));
    assertTrue(
        box.kubectl()
            .run("get", "events")
            .lines()
            .getFirst()
            .matches("LAST SEEN +TYPE +REASON +OBJECT +MESSAGE"));
  }

  @Test
  default void theApiDescribesItself(Sandbox box) {
    var kubectl = box.kubectl();
    String resources = kubectl.run("api-resources").output();
    assertTrue(
        resources.matches(
            "(?s).*inferencedeployments +infd +inference.kvasir.dev/v1alpha1 +true +InferenceDeployment.*"),
        resources);
    assertTrue(
        resources.matches("(?s).*deployments +deploy +apps/v1 +true +Deployment.*"), resources);
    assertTrue(kubectl.run("explain", "infd.spec.model").output().contains("uri"));
    assertTrue(kubectl.run("explain", "deployment.spec.replicas").output().contains("<integer>"));
    assertTrue(kubectl.run("version").output().contains("Server Version: v1."));
    assertEquals("yes\n", kubectl.run("auth", "can-i", "create", "infd").output());
  }

  @Test
  default void labelsAnnotationsAndPatches(Sandbox box) {
    box.kubectl().run("create", "configmap", "a", "--from-literal=k=1");
    assertEquals("configmap/a labeled\n", box.kubectl().run("label", "cm", "a", "x=y").output());
    assertEquals(
        "configmap/a annotated\n", box.kubectl().run("annotate", "cm", "a", "n=m").output());
    assertEquals(
        "configmap/a patched\n",
        box.kubectl().run("patch", "cm", "a", "-p", "{\"data\": {\"k\": \"2\"}}").output());
    assertEquals(
        "configmap/a patched (no change)\n",
        box.kubectl()
            .run("patch", "cm", "a", "--type=merge", "-p", "{\"data\": {\"k\": \"2\"}}")
            .output());
    assertEquals("configmap/a unlabeled\n", box.kubectl().run("label", "cm", "a", "x-").output());
    Reply now = box.api().get(box.core("configmaps/a"));
    assertEquals("m", now.text("/metadata/annotations/n"));
    assertFalse(now.has("/metadata/labels/x"));
  }

  @Test
  default void namespacesComeAndGo(Sandbox box) {
    assertEquals(
        "Active",
        box.kubectl().run("get", "ns", "default", "-o", "jsonpath={.status.phase}").output());
    assertTrue(box.kubectl().run("get", "ns").lines().getFirst().matches("NAME +STATUS +AGE"));
    assertTrue(
        box.kubectl()
            .failing("", "create", "namespace", "default")
            .output()
            .contains("AlreadyExists"));
    box.kubectl().run("create", "configmap", "a");
    String all = box.kubectl().run("get", "cm", "-A").output();
    assertTrue(
        all.matches("(?s)NAMESPACE +NAME +DATA +AGE.*" + box.namespace() + " +a +0 .*"), all);
  }

  private static void assertTable(Sandbox box, String kind, String head, String row) {
    List<String> lines = box.kubectl().run("get", kind).lines();
    assertTrue(words(lines.getFirst()).matches(head), lines.toString());
    assertTrue(words(lines.get(1)).matches(row), lines.toString());
  }

  private static String words(String line) {
    return line.strip().replaceAll(" +", " ");
  }
}
