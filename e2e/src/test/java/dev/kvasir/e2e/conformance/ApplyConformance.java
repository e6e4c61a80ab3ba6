package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import org.junit.jupiter.api.Test;

/** Server-side apply: who owns what, and what happens when two managers want the same field. */
interface ApplyConformance {
  @Test
  default void applyCreatesAndRecordsItsManager(Sandbox box) {
    String path = box.core("configmaps/a");
    Reply created = box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}"));
    created.expect(201);
    assertEquals("m1", created.text("/metadata/managedFields/0/manager"));
    assertEquals("Apply", created.text("/metadata/managedFields/0/operation"));
    assertTrue(created.has("/metadata/managedFields/0/fieldsV1/f:data/f:k"));
  }

  @Test
  default void applyDropsWhatItsManagerNoLongerSends(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api()
        .apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\", \"l\": \"2\"}"))
        .expect(201);
    Reply applied =
        box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"3\"}")).expect(200);
    assertEquals("{\"k\":\"3\"}", applied.at("/data").toString());
  }

  @Test
  default void whatAnotherManagerAppliesTooStays(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api()
        .apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\", \"l\": \"2\"}"))
        .expect(201);
    box.api().apply(path, "m2", Manifests.configMap("a", "{\"l\": \"2\"}")).expect(200);
    Reply applied =
        box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}")).expect(200);
    assertEquals("2", applied.text("/data/l"));
  }

  @Test
  default void whatAnUpdateWroteStays(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}")).expect(201);
    box.api().patch(path, Api.MERGE, "{\"data\": {\"l\": \"2\"}}").expect(200);
    Reply applied =
        box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"3\"}")).expect(200);
    assertEquals("3", applied.text("/data/k"));
    assertEquals("2", applied.text("/data/l"));
  }

  @Test
  default void aFieldOfAnotherManagerIsAConflict(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}")).expect(201);
    Reply refused =
        box.api().apply(path, "m2", Manifests.configMap("a", "{\"k\": \"2\"}")).expect(409);
    assertEquals("Conflict", refused.reason());
    assertEquals("Apply failed with 1 conflict: conflict with \"m1\": .data.k", refused.message());
    assertEquals("FieldManagerConflict", refused.text("/details/causes/0/reason"));
    assertEquals(".data.k", refused.text("/details/causes/0/field"));
    assertEquals("1", box.api().get(path).text("/data/k"));
  }

  @Test
  default void aFieldThatAnUpdateChangedIsAConflict(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}")).expect(201);
    box.api()
        .patch(path + "?fieldManager=editor", Api.MERGE, "{\"data\": {\"k\": \"2\"}}")
        .expect(200);
    box.api()
        .apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}"))
        .expect(409)
        .saying("Apply failed with 1 conflict: conflict with \"editor\"");
  }

  @Test
  default void forceTakesTheFieldOver(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api().apply(path, "m1", Manifests.configMap("a", "{\"k\": \"1\"}")).expect(201);
    box.api().forceApply(path, "m2", Manifests.configMap("a", "{\"k\": \"2\"}")).expect(200);
    Reply applied = box.api().apply(path, "m1", Manifests.configMap("a", "{}")).expect(200);
    assertEquals("2", applied.text("/data/k"));
  }

  @Test
  default void applyingTheSameWritesNothing(Sandbox box) {
    String path = box.core("configmaps/a");
    String body = Manifests.configMap("a", "{\"k\": \"1\"}");
    String before = box.api().apply(path, "m1", body).expect(201).resourceVersion();
    assertEquals(before, box.api().apply(path, "m1", body).expect(200).resourceVersion());
  }

  @Test
  default void applyingTheSameDeploymentWritesNothing(Sandbox box) {
    String path = box.apps("deployments/d");
    String body = Manifests.deployment("d", 0);
    box.api().apply(path, "m1", body).expect(201);
    // The controllers may still be writing its status, so not every pair of applies is undisturbed.
    Eventually.holds(
        "two applies leave the version alone",
        () -> version(box, path, body).equals(version(box, path, body)));
  }

  private static String version(Sandbox box, String path, String body) {
    return box.api().apply(path, "m1", body).expect(200).resourceVersion();
  }

  @Test
  default void applyNeedsAManager(Sandbox box) {
    box.api()
        .patch(box.core("configmaps/a"), Api.APPLY, Manifests.configMap("a", "{}"))
        .expect(422)
        .saying("fieldManager: Required value: is required for apply patch");
  }

  @Test
  default void aNameOtherThanThePathsIsRefused(Sandbox box) {
    box.api()
        .apply(box.core("configmaps/a"), "m1", Manifests.configMap("b", "{}"))
        .expect(400)
        .saying("the name of the object (b) does not match the name on the URL (a)");
  }

  @Test
  default void aDryRunWritesNothing(Sandbox box) {
    String path = box.core("configmaps/a");
    box.api()
        .send(
            "PATCH",
            path + "?dryRun=All&fieldManager=m1",
            Api.APPLY,
            Manifests.configMap("a", "{}"))
        .expect(201);
    box.api().get(path).expect(404);
  }

  @Test
  default void listsWithKeysMergeByKey(Sandbox box) {
    String path = box.widgets("/w");
    box.api()
        .apply(path, "m1", Manifests.widget("w", "{\"size\": 1, \"parts\": [{\"name\": \"a\"}]}"))
        .expect(201);
    Reply both =
        box.api()
            .apply(
                path, "m2", Manifests.widget("w", "{\"size\": 1, \"parts\": [{\"name\": \"b\"}]}"))
            .expect(200);
    assertEquals(2, both.at("/spec/parts").size());
    assertEquals(1, both.at("/spec/parts/1/count").asInt());
    Reply one = box.api().apply(path, "m1", Manifests.widget("w", "{\"size\": 1}")).expect(200);
    assertEquals("[\"b\"]", one.at("/spec/parts").findValues("name").toString());
  }

  @Test
  default void setsMergeByValue(Sandbox box) {
    String path = box.widgets("/w");
    box.api()
        .apply(path, "m1", Manifests.widget("w", "{\"size\": 1, \"tags\": [\"x\"]}"))
        .expect(201);
    box.api()
        .apply(path, "m2", Manifests.widget("w", "{\"size\": 1, \"tags\": [\"y\"]}"))
        .expect(200);
    Reply one =
        box.api()
            .apply(path, "m1", Manifests.widget("w", "{\"size\": 1, \"tags\": [\"z\"]}"))
            .expect(200);
    assertFalse(one.at("/spec/tags").toString().contains("x"));
    assertEquals(2, one.at("/spec/tags").size());
  }

  @Test
  default void containersMergeByName(Sandbox box) {
    String path = box.apps("deployments/d");
    box.api().apply(path, "m1", Manifests.deployment("d", 0)).expect(201);
    String sidecar =
        """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec":
          {"containers": [{"name": "side", "image": "conformance/side:1", "env": [{"name": "A", "value": "1"}]}]}}}}
        """;
    Reply both = box.api().apply(path, "m2", sidecar).expect(200);
    assertEquals(2, both.at("/spec/template/spec/containers").size());
    Reply plain =
        box.api()
            .apply(path, "m2", sidecar.replace("{\"name\": \"A\", \"value\": \"1\"}", ""))
            .expect(200);
    assertEquals(0, plain.at("/spec/template/spec/containers/1/env").size());
  }

  @Test
  default void replicasLeftOutBelongToWhoeverSetsThem(Sandbox box) {
    String path = box.apps("deployments/d");
    String body = Manifests.deployment("d", 0).replace("\"replicas\": 0,", "");
    box.api().apply(path, "m1", body).expect(201);
    box.api().patch(path + "/scale", Api.MERGE, "{\"spec\": {\"replicas\": 0}}").expect(200);
    assertEquals(0, box.api().apply(path, "m1", body).expect(200).at("/spec/replicas").asInt(-1));
  }

  @Test
  default void statusHasItsOwnApply(Sandbox box) {
    String path = box.widgets("/w");
    box.api().apply(path, "m1", Manifests.widget("w", "{\"size\": 1}")).expect(201);
    String status =
        """
        {"apiVersion": "conformance.kvasir.dev/v1", "kind": "Widget", "metadata": {"name": "w"},
         "status": {"note": "hello"}}
        """;
    Reply written = box.api().apply(path + "/status", "m2", status).expect(200);
    assertEquals("hello", written.text("/status/note"));
    assertEquals(1, written.generation());
    Reply spec = box.api().apply(path, "m1", Manifests.widget("w", "{\"size\": 2}")).expect(200);
    assertEquals("hello", spec.text("/status/note"));
    assertNotEquals(written.resourceVersion(), spec.resourceVersion());
  }

  @Test
  default void applyWithAnOldResourceVersionIsRefused(Sandbox box) {
    String path = box.core("configmaps/a");
    String old = box.api().apply(path, "m1", Manifests.configMap("a", "{}")).resourceVersion();
    box.api().patch(path, Api.MERGE, "{\"data\": {\"k\": \"1\"}}").expect(200);
    String body =
        Manifests.configMapWith(
            "a", "\"resourceVersion\": \"" + old + "\", \"labels\": {\"l\": \"1\"}");
    box.api().apply(path, "m1", body).expect(409);
  }
}
