package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.Eventually;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Create, replace and delete: optimistic concurrency, and status apart from spec. */
interface WriteConformance {
  @Test
  default void replacingAnOldVersionIsRefused(Sandbox box) {
    Reply old = box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    box.api().patch(box.core("configmaps/a"), Api.MERGE, "{\"data\": {\"k\": \"1\"}}").expect(200);
    Reply refused = box.api().put(box.core("configmaps/a"), old.body().toString()).expect(409);
    assertEquals("Conflict", refused.reason());
    assertEquals(
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please"
            + " apply your changes to the latest version and try again",
        refused.message());
  }

  @Test
  default void replacingAnOldCustomResourceIsRefused(Sandbox box) {
    Reply old = box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api().patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"size\": 2}}").expect(200);
    box.api()
        .put(box.widgets("/w"), old.body().toString())
        .expect(409)
        .saying("Operation cannot be fulfilled on widgets.conformance.kvasir.dev \"w\"");
  }

  @Test
  default void onlyBuiltInsAreReplacedWithoutAVersion(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    box.api().put(box.core("configmaps/a"), Manifests.configMap("a", "{\"k\": \"1\"}")).expect(200);
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api()
        .put(box.widgets("/w"), Manifests.widget("w", "{\"size\": 2}"))
        .expect(422)
        .saying("metadata.resourceVersion: Invalid value: 0: must be specified for an update");
  }

  @Test
  default void replacingWithTheSameWritesNothing(Sandbox box) {
    Reply created =
        box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    Reply replaced = box.api().put(box.core("configmaps/a"), created.body().toString()).expect(200);
    assertEquals(created.resourceVersion(), replaced.resourceVersion());
  }

  @Test
  default void aNameIsTakenOnce(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    Reply refused =
        box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(409);
    assertEquals("AlreadyExists", refused.reason());
    assertEquals("configmaps \"a\" already exists", refused.message());
  }

  @Test
  default void whatIsNotThereIsNotFound(Sandbox box) {
    Reply missing = box.api().get(box.core("configmaps/none")).expect(404);
    assertEquals("NotFound", missing.reason());
    assertEquals("configmaps \"none\" not found", missing.message());
    assertEquals("Status", missing.text("/kind"));
    box.api()
        .get(box.widgets("/none"))
        .expect(404)
        .saying("widgets.conformance.kvasir.dev \"none\" not found");
    box.api().delete(box.core("configmaps/none")).expect(404);
    box.api()
        .get("/apis/conformance.kvasir.dev/v1/namespaces/" + box.namespace() + "/gadgets")
        .expect(404);
  }

  @Test
  default void aNamespaceThatIsNotThereTakesNothing(Sandbox box) {
    box.api()
        .post("/api/v1/namespaces/none-such/configmaps", Manifests.configMap("a", "{}"))
        .expect(404)
        .saying("namespaces \"none-such\" not found");
  }

  @Test
  default void theServerFillsInMetadata(Sandbox box) {
    String body =
        """
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "made-"}}
        """;
    Reply one = box.api().post(box.core("configmaps"), body).expect(201);
    Reply two = box.api().post(box.core("configmaps"), body).expect(201);
    assertTrue(one.text("/metadata/name").matches("made-[a-z0-9]{5}"), one.text("/metadata/name"));
    assertNotEquals(one.text("/metadata/name"), two.text("/metadata/name"));
    assertNotEquals(one.text("/metadata/uid"), two.text("/metadata/uid"));
    assertEquals(box.namespace(), one.text("/metadata/namespace"));
    assertTrue(one.text("/metadata/creationTimestamp").endsWith("Z"));
  }

  @Test
  default void aNewObjectHasNoVersionYet(Sandbox box) {
    box.api()
        .post(box.core("configmaps"), Manifests.configMapWith("a", "\"resourceVersion\": \"7\""))
        .saying("resourceVersion should not be set on objects to be created");
  }

  @Test
  default void aNameMustBeADnsName(Sandbox box) {
    Reply refused =
        box.api().post(box.core("configmaps"), Manifests.configMap("Not_a_name", "{}")).expect(422);
    assertEquals("Invalid", refused.reason());
    refused.saying("metadata.name: Invalid value: \"Not_a_name\"");
  }

  @Test
  default void aDeleteMayNameTheObjectItMeans(Sandbox box) {
    Reply created =
        box.api().post(box.core("configmaps"), Manifests.configMap("a", "{}")).expect(201);
    box.api()
        .delete(box.core("configmaps/a"), "{\"preconditions\": {\"uid\": \"another\"}}")
        .expect(409);
    String uid = created.text("/metadata/uid");
    Reply deleted =
        box.api()
            .delete(box.core("configmaps/a"), "{\"preconditions\": {\"uid\": \"" + uid + "\"}}")
            .expect(200);
    assertEquals("Success", deleted.text("/status"));
  }

  @Test
  default void aCollectionIsDeletedBySelector(Sandbox box) {
    box.api()
        .post(
            box.core("configmaps"), Manifests.configMapWith("a", "\"labels\": {\"go\": \"yes\"}"));
    box.api().post(box.core("configmaps"), Manifests.configMap("b", "{}")).expect(201);
    box.api().delete(box.core("configmaps?labelSelector=go=yes")).expect(200);
    assertFalse(box.exists(box.core("configmaps/a")));
    assertTrue(box.exists(box.core("configmaps/b")));
  }

  @Test
  default void noIncrementIsLost(Sandbox box) {
    box.api().post(box.core("configmaps"), Manifests.configMap("n", "{\"n\": \"0\"}")).expect(201);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 40; i++) {
        var _ = threads.submit(() -> increment(box));
      }
    }
    assertEquals("40", box.api().get(box.core("configmaps/n")).text("/data/n"));
  }

  private static void increment(Sandbox box) {
    Eventually.holds(
        "an increment",
        () -> {
          Reply now = box.api().get(box.core("configmaps/n"));
          ((ObjectNode) now.at("/data")).put("n", "" + (now.at("/data/n").asInt() + 1));
          return box.api().put(box.core("configmaps/n"), now.body().toString()).status() == 200;
        });
  }

  @Test
  default void aStatusWriteLeavesTheSpec(Sandbox box) {
    Reply created =
        box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    ObjectNode both = created.body().deepCopy();
    ((ObjectNode) both.get("spec")).put("size", 9);
    both.putObject("status").put("note", "n");
    Reply written = box.api().put(box.widgets("/w/status"), both.toString()).expect(200);
    assertEquals(1, written.at("/spec/size").asInt());
    assertEquals("n", written.text("/status/note"));
    assertEquals(1, written.generation());
  }

  @Test
  default void aSpecWriteLeavesTheStatus(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api()
        .patch(box.widgets("/w/status"), Api.MERGE, "{\"status\": {\"note\": \"n\"}}")
        .expect(200);
    Reply written =
        box.api()
            .patch(
                box.widgets("/w"),
                Api.MERGE,
                "{\"spec\": {\"size\": 2}, \"status\": {\"note\": \"x\"}}")
            .expect(200);
    assertEquals(2, written.at("/spec/size").asInt());
    assertEquals("n", written.text("/status/note"));
  }

  @Test
  default void aNewObjectHasNoStatus(Sandbox box) {
    String body = Manifests.widget("w", "{\"size\": 1}, \"status\": {\"note\": \"n\"}");
    assertFalse(box.api().post(box.widgets(""), body).expect(201).has("/status"));
  }

  @Test
  default void onlyTheSpecRaisesTheGeneration(Sandbox box) {
    box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    String path = box.widgets("/w");
    assertEquals(
        1,
        box.api()
            .patch(path, Api.MERGE, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}")
            .generation());
    assertEquals(
        1,
        box.api()
            .patch(path + "/status", Api.MERGE, "{\"status\": {\"note\": \"n\"}}")
            .generation());
    assertEquals(2, box.api().patch(path, Api.MERGE, "{\"spec\": {\"size\": 2}}").generation());
  }

  @Test
  default void anOldStatusIsRefused(Sandbox box) {
    Reply old = box.api().post(box.widgets(""), Manifests.widget("w", "{\"size\": 1}")).expect(201);
    box.api().patch(box.widgets("/w"), Api.MERGE, "{\"spec\": {\"size\": 2}}").expect(200);
    box.api().put(box.widgets("/w/status"), old.body().toString()).expect(409);
  }

  @Test
  default void aDeploymentsStatusIsApartToo(Sandbox box) {
    Reply created =
        box.api().post(box.apps("deployments"), Manifests.deployment("d", 0)).expect(201);
    assertEquals(1, created.generation());
    Reply written =
        box.api()
            .patch(box.apps("deployments/d/status"), Api.MERGE, "{\"spec\": {\"replicas\": 9}}")
            .expect(200);
    assertEquals(0, written.at("/spec/replicas").asInt());
    assertEquals(
        2,
        box.api()
            .patch(box.apps("deployments/d"), Api.MERGE, "{\"spec\": {\"paused\": true}}")
            .generation());
  }
}
