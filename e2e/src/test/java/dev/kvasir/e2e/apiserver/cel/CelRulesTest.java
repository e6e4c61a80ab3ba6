package dev.kvasir.e2e.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CelRulesTest {
  private final CelRules rules = new CelRules();

  @Test
  void rulesSeeTheirValue() {
    check("{type: integer}", "self > 1", "2", true);
    check("{type: integer}", "self > 1", "1", false);
    check("{type: string}", "self.matches('^a+$') && size(self) < 3", "aa", true);
    check("{type: string}", "duration(self) <= duration('24h')", "25h", false);
    check("{x-kubernetes-int-or-string: true}", "string(self) in ['0', '0%']", "0", true);
    check("{type: array, items: {type: string}}", "self.all(a, a != 'x')", "[a, x]", false);
    check(
        "{type: object, properties: {a-b: {type: integer}}}",
        "self.a__dash__b == 1",
        "{a-b: 1}",
        true);
    check("{type: object, properties: {a: {type: integer}}}", "!has(self.a)", "{}", true);
    check(
        "{type: object, additionalProperties: {type: string}}",
        "self.all(k, self[k] == 'x')",
        "{a: x}",
        true);
    check(
        "{type: string}",
        "isQuantity(self) && quantity(self).compareTo(quantity('1Mi')) >= 0",
        "'1048576'",
        true);
    check("{type: string}", "isQuantity(self) && quantity(self).isInteger()", "1500m", false);
    check("{type: string}", "isQuantity(self)", "1 Gi", false);
  }

  @Test
  void theOldValueIsThereOnAChangeOnly() {
    Schema schema = schema("{type: integer}", "self >= oldSelf");
    JsonNode two = TestingJson.yaml("{v: 2}");
    JsonNode three = TestingJson.yaml("{v: 3}");
    assertEquals(List.of(), rules.evaluate(schema, two, Optional.empty()));
    assertEquals(List.of(), rules.evaluate(schema, three, Optional.of(two)));
    assertEquals(1, rules.evaluate(schema, two, Optional.of(three)).size());
  }

  @Test
  void aRefusalSaysWhereAndWhy() {
    Schema schema =
        Schema.parse(
            TestingJson.yaml(
                "{type: object, properties: {v: {type: string, x-kubernetes-validations: [{rule:"
                    + " 'self == \"a\"', message: must be a}]}}}"));
    List<Cause> causes = rules.evaluate(schema, TestingJson.yaml("{v: b}"), Optional.empty());
    assertEquals(
        List.of(new Cause("FieldValueInvalid", "Invalid value: \"b\": must be a", "v")), causes);
  }

  @Test
  void rulesThatDoNotCompileAreNamed() {
    List<Cause> problems = rules.problems(schema("{type: string}", "self ="), "schema");
    assertEquals(
        "schema.properties[v].x-kubernetes-validations[0].rule", problems.getFirst().field());
    assertTrue(
        rules
            .problems(schema("{type: string}", "self.nosuchfunction()"), "s")
            .getFirst()
            .message()
            .contains("nosuchfunction"));
    assertEquals(List.of(), rules.problems(schema("{type: string}", "self != ''"), "s"));
  }

  private void check(String type, String rule, String value, boolean expected) {
    JsonNode object = TestingJson.yaml("{v: " + value + "}");
    List<Cause> causes = rules.evaluate(schema(type, rule), object, Optional.empty());
    assertEquals(expected, causes.isEmpty(), rule + " of " + value + ": " + causes);
  }

  private static Schema schema(String type, String rule) {
    JsonNode schema = TestingJson.yaml("{type: object, properties: {v: " + type + "}}");
    ((ObjectNode) schema.path("properties").path("v"))
        .putArray("x-kubernetes-validations")
        .addObject()
        .put("rule", rule);
    return Schema.parse(schema);
  }
}
