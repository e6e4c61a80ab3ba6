package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The three kinds of patch that are not apply. */
interface PatchConformance {
  @Test
  default void aMergePatchRemovesWithNull(Sandbox box) {
    box.api()
        .post(box.core("configmaps"), Manifests.configMap("a", "{\"k\": \"1\", \"l\": \"2\"}"));
    Reply patched =
        box.api()
            .patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": null, \"m\": \"3\"}}")
            .expect(200);
    assertEquals("{\"l\":\"2\",\"m\":\"3\"}", patched.at("/data").toString());
  }

  @Test
  default void aMergePatchReplacesLists(Sandbox box) {
    box.api()
        .post(
            box.widgets(""),
            Manifests.widget(
                "w", "{\"size\": 1, \"parts\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}"));
    Reply patched =
        box.api()
            .patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"parts\": [{\"name\": \"c\"}]}}")
            .expect(200);
    assertEquals(1, patched.at("/spec/parts").size());
    assertEquals("c", patched.text("/spec/parts/0/name"));
    assertEquals(1, patched.at("/spec/parts/0/count").asInt());
  }

  @Test
  default void aJsonPatchIsAllOrNothing(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{\"k\": \"1\"}"));
    String path = box.core("configmaps/a");
    box.api()
        .patch(
            path,
            Api.JSON_PATCH,
            "[{\"op\": \"add\", \"path\": \"/data/l\", \"value\": \"2\"}, {\"op\": \"test\", \"path\": \"/data/k\", \"value\": \"9\"}]")
        .expect(422);
    assertEquals("{\"k\":\"1\"}", box.api().get(path).at("/data").toString());
    Reply patched =
        box.api()
            .patch(
                path,
                Api.JSON_PATCH,
                "[{\"op\": \"test\", \"path\": \"/data/k\", \"value\": \"1\"}, {\"op\": \"replace\", \"path\": \"/data/k\", \"value\": \"2\"}, {\"op\": \"copy\", \"from\": \"/data/k\", \"path\": \"/data/m\"}, {\"op\": \"remove\", \"path\": \"/data/k\"}]")
            .expect(200);
    assertEquals("{\"m\":\"2\"}", patched.at("/data").toString());
    box.api()
        .patch(path, Api.JSON_PATCH, "[{\"op\": \"remove\", \"path\": \"/data/none\"}]")
        .expect(422);
  }

  @Test
  default void aStrategicPatchMergesContainersByName(Sandbox box) {
    box.api().post(box.apps("deployments"), Manifests.deployment("d", 0)).expect(201);
    String path = box.apps("deployments/d");
    Reply patched =
        box.api()
            .patch(
                path,
                Api.STRATEGIC,
                containers(
                    "{\"name\": \"side\", \"image\": \"x:1\"}, {\"name\": \"c\", \"env\": [{\"name\": \"A\", \"value\": \"1\"}]}"))
            .expect(200);
    assertEquals(2, patched.at("/spec/template/spec/containers").size());
    Reply removed =
        box.api()
            .patch(path, Api.STRATEGIC, containers("{\"name\": \"side\", \"$patch\": \"delete\"}"))
            .expect(200);
    assertEquals(1, removed.at("/spec/template/spec/containers").size());
    assertEquals("conformance/none:1", removed.text("/spec/template/spec/containers/0/image"));
    assertEquals("1", removed.text("/spec/template/spec/containers/0/env/0/value"));
  }

  private static String containers(String list) {
    return "{\"spec\": {\"template\": {\"spec\": {\"containers\": [" + list + "]}}}}";
  }

  @Test
  default void customResourcesTakeNoStrategicPatch(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api().patch(box.widgets("/w"), Api.STRATEGIC, "{\"spec\": {\"size\": 2}}").expect(415);
    box.api().patch(box.widgets("/w"), "text/plain", "{}").expect(415);
  }

  @Test
  default void aPatchMayNameTheVersionItMeans(Sandbox box) {
    String old =
        box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).resourceVersion();
    box.api().patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": \"1\"}}").expect(200);
    box.api()
        .patch(
            box.core("configmaps/a"),
            Api.MERGE,
            "{\"metadata\": {\"resourceVersion\": \"" + old + "\"}, \"data\": {\"k\": \"2\"}}")
        .expect(409);
  }

  @Test
  default void garbageIsAClearError(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    String path = box.core("configmaps/a");
    assertEquals("BadRequest", box.api().patch(path, Api.MERGE, "{not json").expect(400).reason());
    assertEquals("BadRequest", box.api().patch(path, Api.JSON_PATCH, "{}").expect(400).reason());
    assertEquals(
        "BadRequest", box.api().post(box.core("configmaps"), "{not json").expect(400).reason());
    box.api().post(box.core("configmaps"), Manifests.service("a")).expect(400);
    box.api().patch(box.core("configmaps/none"), Api.MERGE, "{}").expect(404);
  }
}
