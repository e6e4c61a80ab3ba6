package dev.kvasir.e2e.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefaultsTest {
  private static final Schema SCHEMA =
      Schema.parse(
          TestingJson.yaml(
              "{type: object, properties: {a: {type: integer, default: 1}, b: {type: object,"
                  + " properties: {c: {type: string, default: x}}}, l: {type: array, items: {type:"
                  + " object, properties: {d: {type: boolean, default: true}}}}, free: {type:"
                  + " object, x-kubernetes-preserve-unknown-fields: true}, m: {type: object,"
                  + " additionalProperties: {type: string}}}}"));

  @Test
  void defaultsFillWhatIsLeftOutWhereTheParentIsThere() {
    fill("{}", "{a: 1}");
    fill("{a: null, b: {}}", "{a: 1, b: {c: x}}");
    fill("{a: 0, l: [{}, {d: false}]}", "{a: 0, l: [{d: true}, {d: false}]}");
  }

  @Test
  void unknownFieldsGo() {
    JsonNode value =
        TestingJson.yaml("{a: 1, z: 1, b: {y: 1}, l: [{d: true, x: 1}], free: {q: 1}, m: {k: v}}");
    assertEquals(List.of("z", "b.y", "l[0].x"), new UnknownFieldPruner().prune(value, SCHEMA));
    assertEquals(TestingJson.yaml("{a: 1, b: {}, l: [{d: true}], free: {q: 1}, m: {k: v}}"), value);
  }

  private static void fill(String value, String expected) {
    JsonNode filled = TestingJson.yaml(value);
    Defaults.apply(filled, SCHEMA);
    assertEquals(TestingJson.yaml(expected), filled);
  }
}
