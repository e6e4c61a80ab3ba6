package dev.kvasir.e2e.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.TestingJson;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValidatorTest {
  @Test
  void everyLimit() {
    check(
        "{type: integer, minimum: 1}",
        "0",
        "v: Invalid value: 0: v in body should be greater than or equal to 1");
    check(
        "{type: integer, maximum: 3, exclusiveMaximum: true}",
        "3",
        "v: Invalid value: 3: v in body should be less than 3");
    check(
        "{type: integer}",
        "1.5",
        "v: Invalid value: \"number\": v in body must be of type integer: \"number\"");
    check(
        "{type: integer}",
        "'1'",
        "v: Invalid value: \"string\": v in body must be of type integer: \"string\"");
    check(
        "{type: number, multipleOf: 2}",
        "3",
        "v: Invalid value: 3: v in body should be a multiple of 2");
    check(
        "{type: string, minLength: 2}",
        "a",
        "v: Invalid value: \"a\": v in body should be at least 2 chars long");
    check("{type: string, maxLength: 2}", "abc", "v: Too long: may not be more than 2 bytes");
    check(
        "{type: string, pattern: '^a'}",
        "ba",
        "v: Invalid value: \"ba\": v in body should match '^a'");
    check(
        "{type: string, enum: [a, b]}",
        "c",
        "v: Unsupported value: \"c\": supported values: \"a\", \"b\"");
    check(
        "{type: string, format: date-time}",
        "soon",
        "v: Invalid value: \"soon\": v in body must be of type date-time: \"soon\"");
    check("{type: array, maxItems: 1}", "[1, 2]", "v: Too many: 2: must have at most 1 items");
    check(
        "{type: array, minItems: 1}",
        "[]",
        "v: Invalid value: 0: v in body should have at least 1 items");
    check("{type: object, required: [a]}", "{}", "v.a: Required value");
    check("{type: array, x-kubernetes-list-type: set}", "[a, a]", "v[1]: Duplicate value: \"a\"");
    check(
        "{type: boolean}",
        "null",
        "v: Invalid value: \"null\": v in body must be of type boolean: \"null\"");
    check(
        "{x-kubernetes-int-or-string: true}",
        "{}",
        "v: Invalid value: \"object\": v in body must be of type integer,string: \"object\"");
  }

  @Test
  void whatIsRightPasses() {
    check("{type: integer, minimum: 1, maximum: 1}", "1");
    check("{type: integer}", "1.0");
    check("{type: string, minLength: 1, maxLength: 1}", "ü");
    check("{type: boolean, nullable: true}", "null");
    check("{x-kubernetes-int-or-string: true}", "50%");
    check("{type: string, format: date-time}", "'2026-01-01T00:00:00Z'");
    check("{type: object, additionalProperties: {type: string}}", "{a: b}");
  }

  private static void check(String schema, String value, String... expected) {
    JsonNode root = TestingJson.yaml("{type: object, properties: {v: " + schema + "}}");
    List<Cause> causes =
        Validator.validate(TestingJson.yaml("{v: " + value + "}"), Schema.parse(root));
    List<String> told = causes.stream().map(c -> c.field() + ": " + c.message()).toList();
    assertEquals(List.of(expected), told, schema);
  }
}
