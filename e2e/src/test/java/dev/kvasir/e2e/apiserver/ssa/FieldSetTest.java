package dev.kvasir.e2e.apiserver.ssa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.apiserver.TestingJson;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FieldSetTest {
  @Test
  void readsAndWritesManagedFields() {
    var json =
        TestingJson.yaml(
            "{'f:spec': {'f:containers': {'k:{\"name\":\"a\"}': {'.': {}, 'f:image': {}}},"
                + " 'f:list': {'v:\"x\"': {}}}}");
    FieldSet set = FieldSet.parse(json);
    assertEquals(json, set.toFieldsV1());
    assertEquals(
        List.of(
            ".spec.containers[name=\"a\"]",
            ".spec.containers[name=\"a\"].image",
            ".spec.list[=\"x\"]"),
        set.paths());
  }

  @Test
  void laws() {
    for (long seed = 0; seed < 2_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      FieldSet a = random(random);
      FieldSet b = random(random);
      String at = "seed " + seed + ": " + a + " and " + b;
      assertEquals(a.union(b), b.union(a), at);
      assertEquals(a.intersect(b), b.intersect(a), at);
      assertEquals(a, a.minus(b).union(a.intersect(b)), at);
      assertTrue(a.minus(b).intersect(b).isEmpty(), at);
      assertTrue(a.minus(a).isEmpty(), at);
      assertEquals(a, FieldSet.parse(a.toFieldsV1()), at);
    }
  }

  private static FieldSet random(SplittableRandom random) {
    FieldSet set = new FieldSet();
    int paths = 1 + random.nextInt(6);
    for (int i = 0; i < paths; i++) {
      List<String> path = new ArrayList<>();
      int length = 1 + random.nextInt(3);
      for (int j = 0; j < length; j++) {
        path.add("f:" + (char) ('a' + random.nextInt(3)));
      }
      set.insert(path);
    }
    return set;
  }
}
