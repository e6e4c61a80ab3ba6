package dev.kvasir.e2e.apiserver.ssa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import dev.kvasir.e2e.apiserver.ssa.FieldManager.Writer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FieldManagerTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  private final ResourceRegistry registry = new ResourceRegistry(new ModelSchemas());
  private final ResourceType deployments = registry.builtIn("apps", "v1", "deployments");
  private final ResourceType configMaps = registry.builtIn("", "v1", "configmaps");
  private final FieldManager manager = new FieldManager(CLOCK);

  private KubeObject live = deployment("{}");

  @Test
  void leavesThatAreNoLongerSentGo() {
    apply("a", "{replicas: 2, template: {spec: {containers: [" + c("x") + ", " + c("y") + "]}}}");
    apply("a", "{template: {spec: {containers: [" + c("y") + "]}}}");
    expect("{template: {spec: {containers: [" + c("y") + "]}}}");
  }

  @Test
  void whatAnotherManagerOwnsTooStays() {
    apply("a", "{replicas: 2, paused: true}");
    apply("b", "{replicas: 2}");
    apply("a", "{paused: true}");
    expect("{replicas: 2, paused: true}");
    apply("b", "{}");
    expect("{paused: true}");
  }

  @Test
  void defaultsThatNobodyOwnsStay() {
    apply("a", "{template: {spec: {containers: [" + c("x") + "]}}}");
    container(0).put("imagePullPolicy", "Always");
    apply("a", "{template: {spec: {containers: [" + c("x") + "]}}}");
    assertEquals("Always", container(0).path("imagePullPolicy").asText());
  }

  @Test
  void anotherValueIsAConflict() {
    apply("a", "{replicas: 2}");
    ApiException refusal = assertThrows(ApiException.class, () -> apply("b", "{replicas: 3}"));
    assertEquals(
        "Apply failed with 1 conflict: conflict with \"a\": .spec.replicas", refusal.getMessage());
    assertEquals(409, refusal.code());
    JsonNode cause = refusal.toStatus().path("details").path("causes").path(0);
    assertEquals("FieldManagerConflict", cause.path("reason").asText());
    assertEquals(".spec.replicas", cause.path("field").asText());
    assertEquals("conflict with \"a\"", cause.path("message").asText());
  }

  @Test
  void forceTakesOver() {
    apply("a", "{replicas: 2}");
    live = manager.apply(live, deployment("{replicas: 3}"), new Writer("b", ""), true, deployments);
    expect("{replicas: 3}");
    assertFalse(managers().contains("\"manager\":\"a\""), managers());
    apply("a", "{}");
    expect("{replicas: 3}");
  }

  @Test
  void listsMergeByAllTheirKeys() {
    apply("a", ports("{containerPort: 53, protocol: UDP}"));
    apply("b", ports("{containerPort: 53, protocol: TCP}"));
    assertEquals(2, container(0).path("ports").size());
    apply("b", ports(""));
    assertEquals("UDP", container(0).path("ports").path(0).path("protocol").asText());
    assertTrue(
        managers().contains("k:{\\\"containerPort\\\":53,\\\"protocol\\\":\\\"UDP\\\"}"),
        managers());
  }

  @Test
  void anUpdateOwnsWhatItChanged() {
    apply("a", "{replicas: 2, paused: true}");
    KubeObject after = live.copy();
    ((ObjectNode) after.spec()).put("replicas", 5);
    manager.update(live, after, MissingNode.getInstance(), new Writer("kubectl", ""), deployments);
    live = after;
    ApiException refusal =
        assertThrows(ApiException.class, () -> apply("a", "{replicas: 2, paused: true}"));
    assertTrue(
        refusal.getMessage().contains("conflict with \"kubectl\" using apps/v1: .spec.replicas"),
        refusal.getMessage());
    apply("a", "{replicas: 5, paused: true}");
    expect("{replicas: 5, paused: true}");
  }

  @Test
  void statusIsOwnedThroughItsSubresourceOnly() {
    apply("a", "{replicas: 2}");
    KubeObject status = deployment("{replicas: 9}");
    status.json().putObject("status").put("replicas", 1);
    live = manager.apply(live, status, new Writer("a", "status"), false, deployments);
    expect("{replicas: 2}");
    assertEquals(1, live.status().path("replicas").asInt());
    apply("a", "{replicas: 3}");
    assertEquals(1, live.status().path("replicas").asInt());
  }

  /** Whatever was applied before: applying again changes nothing, and no other manager's leaf. */
  @Test
  void applyIsIdempotentAndKeepsToItself() {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      KubeObject object = configMap("{}");
      KubeObject mine = configMap("{}");
      for (int i = 0; i < 5; i++) {
        KubeObject theirs = data(random, "t");
        object = manager.apply(object, theirs, new Writer("them", ""), true, configMaps);
        mine = data(random, "m");
        object = manager.apply(object, mine, new Writer("me", ""), true, configMaps);
        KubeObject again = manager.apply(object, mine, new Writer("me", ""), false, configMaps);
        assertEquals(object.json(), again.json(), "seed " + seed);
        expectData(theirs, mine, object, "seed " + seed);
      }
      object = manager.apply(object, configMap("{}"), new Writer("them", ""), false, configMaps);
      object = manager.apply(object, configMap("{}"), new Writer("me", ""), false, configMaps);
      assertTrue(object.json().path("data").isEmpty(), "seed " + seed + ": " + object);
    }
  }

  /** Mine as sent, and theirs where I did not take it over. */
  private static void expectData(
      KubeObject theirs, KubeObject mine, KubeObject result, String seed) {
    ObjectNode expected = (ObjectNode) theirs.json().path("data").deepCopy();
    expected.setAll((ObjectNode) mine.json().path("data"));
    JsonNode data = result.json().path("data");
    expected.properties().forEach(e -> assertEquals(e.getValue(), data.path(e.getKey()), seed));
    assertEquals(expected.size(), data.size(), seed + ": " + data + " for " + expected);
  }

  private KubeObject data(SplittableRandom random, String owner) {
    KubeObject object = configMap("{}");
    ObjectNode data = object.json().putObject("data");
    for (int i = 0; i < 4; i++) {
      if (random.nextBoolean()) {
        data.put("k" + i, owner + random.nextInt(3));
      }
    }
    return object;
  }

  private void apply(String name, String spec) {
    live = manager.apply(live, deployment(spec), new Writer(name, ""), false, deployments);
  }

  private void expect(String spec) {
    assertEquals(TestingJson.yaml(spec), live.spec());
  }

  private ObjectNode container(int index) {
    return (ObjectNode) live.at("spec.template.spec.containers").path(index);
  }

  private String managers() {
    return live.metadata().path("managedFields").toString();
  }

  private static String c(String name) {
    return "{name: " + name + ", image: i}";
  }

  private static String ports(String ports) {
    return "{template: {spec: {containers: [{name: x, ports: [" + ports + "]}]}}}";
  }

  private static KubeObject deployment(String spec) {
    return TestingJson.object(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: " + spec + "}");
  }

  private static KubeObject configMap(String data) {
    return TestingJson.object(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: " + data + "}");
  }
}
