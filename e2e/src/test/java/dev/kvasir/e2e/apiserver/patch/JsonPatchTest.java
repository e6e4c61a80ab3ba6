package dev.kvasir.e2e.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException;
import org.junit.jupiter.api.Test;

class JsonPatchTest {
  @Test
  void operations() {
    check("{a: 1}", "[{op: add, path: /b, value: 2}]", "{a: 1, b: 2}");
    check("{a: [1, 3]}", "[{op: add, path: /a/1, value: 2}]", "{a: [1, 2, 3]}");
    check("{a: [1]}", "[{op: add, path: /a/-, value: 2}]", "{a: [1, 2]}");
    check("{a: 1, b: 2}", "[{op: remove, path: /a}]", "{b: 2}");
    check("{a: [1, 2]}", "[{op: remove, path: /a/0}]", "{a: [2]}");
    check("{a: 1}", "[{op: replace, path: /a, value: {b: 1}}]", "{a: {b: 1}}");
    check("{a: {b: 1}}", "[{op: move, from: /a/b, path: /c}]", "{a: {}, c: 1}");
    check("{a: {b: 1}}", "[{op: copy, from: /a, path: /c}]", "{a: {b: 1}, c: {b: 1}}");
    check("{a/b: 1, m~n: 2}", "[{op: remove, path: /a~1b}, {op: remove, path: /m~0n}]", "{}");
    check("{a: 1}", "[{op: test, path: /a, value: 1.0}, {op: remove, path: /a}]", "{}");
    check("{a: {}}", "[{op: add, path: '', value: {b: 1}}]", "{b: 1}");
  }

  @Test
  void aFailureChangesNothing() {
    JsonNode target = TestingJson.yaml("{a: 1}");
    refuse(target, "[{op: add, path: /b, value: 2}, {op: test, path: /a, value: 2}]");
    refuse(target, "[{op: add, path: /x/y, value: 2}]");
    refuse(target, "[{op: remove, path: /nothing}]");
    refuse(target, "[{op: replace, path: /nothing, value: 1}]");
    refuse(target, "[{op: add, path: a, value: 1}]");
    refuse(target, "[{op: add, path: /b}]");
    refuse(target, "[{op: destroy, path: /a}]");
    refuse(target, "{op: remove, path: /a}");
    refuse(TestingJson.yaml("{a: [1]}"), "[{op: add, path: /a/2, value: 1}]");
    refuse(TestingJson.yaml("{a: [1]}"), "[{op: remove, path: /a/-1}]");
    assertEquals(TestingJson.yaml("{a: 1}"), target);
  }

  private static void check(String target, String patch, String expected) {
    JsonNode result = JsonPatch.apply(TestingJson.yaml(target), TestingJson.yaml(patch));
    assertEquals(TestingJson.yaml(expected), result, patch);
  }

  private static void refuse(JsonNode target, String patch) {
    JsonNode operations = TestingJson.yaml(patch);
    assertThrows(ApiException.class, () -> JsonPatch.apply(target, operations), patch);
  }
}
