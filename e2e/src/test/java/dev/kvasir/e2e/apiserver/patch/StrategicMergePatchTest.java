package dev.kvasir.e2e.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import dev.kvasir.e2e.apiserver.schema.Schema;
import io.fabric8.kubernetes.api.model.Pod;
import org.junit.jupiter.api.Test;

class StrategicMergePatchTest {
  private final Schema pod = new ModelSchemas().of(Pod.class);

  @Test
  void listsMergeByTheirKey() {
    check(
        "{spec: {containers: [{name: a, image: 'a:1'}, {name: b, image: 'b:1'}]}}",
        "{spec: {containers: [{name: b, image: 'b:2'}, {name: c, image: 'c:1'}]}}",
        "{spec: {containers: [{name: a, image: 'a:1'}, {name: b, image: 'b:2'},"
            + " {name: c, image: 'c:1'}]}}");
    check(
        "{spec: {containers: [{name: a, env: [{name: X, value: '1'}],"
            + " ports: [{containerPort: 80, name: http}]}]}}",
        "{spec: {containers: [{name: a, env: [{name: Y, value: '2'}],"
            + " ports: [{containerPort: 80, name: web}]}]}}",
        "{spec: {containers: [{name: a, env: [{name: X, value: '1'}, {name: Y, value: '2'}],"
            + " ports: [{containerPort: 80, name: web}]}]}}");
  }

  @Test
  void otherListsAreReplaced() {
    check(
        "{spec: {containers: [{name: a, args: [x, y]}], tolerations: [{key: a}]}}",
        "{spec: {containers: [{name: a, args: [z]}], tolerations: [{key: b}]}}",
        "{spec: {containers: [{name: a, args: [z]}], tolerations: [{key: b}]}}");
  }

  @Test
  void directives() {
    check(
        "{spec: {volumes: [{name: a}, {name: b}]}}",
        "{spec: {volumes: [{name: a, $patch: delete}]}}",
        "{spec: {volumes: [{name: b}]}}");
    check(
        "{spec: {volumes: [{name: a}]}}",
        "{spec: {volumes: [{$patch: replace}, {name: b}]}}",
        "{spec: {volumes: [{name: b}]}}");
    check(
        "{metadata: {labels: {a: '1', b: '2'}}}",
        "{metadata: {labels: {$patch: replace, c: '3'}}}",
        "{metadata: {labels: {c: '3'}}}");
    check(
        "{metadata: {finalizers: [a, b]}}",
        "{metadata: {$deleteFromPrimitiveList/finalizers: [a], finalizers: [c]}}",
        "{metadata: {finalizers: [b, c]}}");
    check(
        "{spec: {volumes: [{name: a, emptyDir: {}}]}}",
        "{spec: {volumes: [{name: a, $retainKeys: [name, hostPath], hostPath: {path: /x}}]}}",
        "{spec: {volumes: [{name: a, hostPath: {path: /x}}]}}");
    check(
        "{spec: {containers: [{name: a}, {name: b}, {name: z}]}}",
        "{spec: {$setElementOrder/containers: [{name: b}, {name: a}], containers: [{name: a,"
            + " image: i}]}}",
        "{spec: {containers: [{name: b}, {name: a, image: i}, {name: z}]}}");
    check("{metadata: {labels: {a: b}}}", "{metadata: {labels: null}}", "{metadata: {}}");
  }

  @Test
  void anItemWithoutItsKeyIsRefused() {
    JsonNode target = TestingJson.yaml("{spec: {containers: [{name: a}]}}");
    JsonNode patch = TestingJson.yaml("{spec: {containers: [{image: b}]}}");
    ApiException refusal =
        assertThrows(ApiException.class, () -> StrategicMergePatch.apply(target, patch, pod));
    assertEquals(400, refusal.code());
  }

  private void check(String target, String patch, String expected) {
    JsonNode result =
        StrategicMergePatch.apply(TestingJson.yaml(target), TestingJson.yaml(patch), pod);
    assertEquals(TestingJson.yaml(expected), result, patch);
  }
}
