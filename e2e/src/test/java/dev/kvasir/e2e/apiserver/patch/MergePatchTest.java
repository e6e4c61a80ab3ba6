package dev.kvasir.e2e.apiserver.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MergePatchTest {
  @Test
  void objectsMergeNullRemovesTheRestReplaces() {
    check("{a: {b: 1, c: 2}}", "{a: {b: 3}}", "{a: {b: 3, c: 2}}");
    check("{a: 1, b: 2}", "{a: null}", "{b: 2}");
    check("{a: [1, 2]}", "{a: [3]}", "{a: [3]}");
    check("{a: 1}", "{a: {b: null, c: 1}}", "{a: {c: 1}}");
    check("{}", "{a: {b: {c: null}}}", "{a: {b: {}}}");
  }

  /** The patch between two objects that have no nulls leads from the one to the other. */
  @Test
  void theDifferenceOfTwoObjectsLeadsFromOneToTheOther() {
    for (long seed = 0; seed < 2_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ObjectNode from = TestingJson.random(random, 3);
      ObjectNode to = TestingJson.random(random, 3);
      assertEquals(to, MergePatch.apply(from, difference(from, to)), "seed " + seed);
      assertEquals(from, MergePatch.apply(from, Json.object()), "seed " + seed);
    }
  }

  private static JsonNode difference(JsonNode from, JsonNode to) {
    if (!from.isObject() || !to.isObject()) {
      return to;
    }
    ObjectNode patch = Json.object();
    from.fieldNames().forEachRemaining(name -> patch.putNull(name));
    for (var entry : to.properties()) {
      JsonNode before = from.path(entry.getKey());
      if (before.equals(entry.getValue())) {
        patch.remove(entry.getKey());
      } else {
        patch.set(entry.getKey(), difference(before, entry.getValue()));
      }
    }
    return patch;
  }

  private static void check(String target, String patch, String expected) {
    JsonNode result = MergePatch.apply(TestingJson.yaml(target), TestingJson.yaml(patch));
    assertEquals(TestingJson.yaml(expected), result, patch);
  }
}
