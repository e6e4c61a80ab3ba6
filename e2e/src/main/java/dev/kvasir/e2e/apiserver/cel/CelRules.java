package dev.kvasir.e2e.apiserver.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.cel.common.CelValidationException;
import dev.cel.runtime.CelEvaluationException;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Evaluates the rules of a schema on an object, and checks the rules themselves. */
public final class CelRules {
  private static final String RULES = "x-kubernetes-validations";
  private static final Pattern OLD = Pattern.compile("\\boldSelf\\b");

  private final CelEnvironment environment = new CelEnvironment();

  /** What the rules of a schema refuse in an object. */
  public List<Cause> evaluate(Schema schema, JsonNode after, Optional<JsonNode> before) {
    List<Cause> causes = new ArrayList<>();
    visit(schema, root(after), before.map(CelRules::root), "", causes);
    return causes;
  }

  /** The rules that can't be compiled, of a version's schema within its definition. */
  public List<Cause> problems(Schema schema, String path) {
    List<Cause> problems = new ArrayList<>();
    check(schema, path, problems);
    return problems;
  }

  /** Rules see of the metadata only the name. */
  private static JsonNode root(JsonNode object) {
    ObjectNode root = ((ObjectNode) object).objectNode();
    root.setAll((ObjectNode) object);
    if (object.path("metadata") instanceof ObjectNode metadata) {
      root.set("metadata", metadata.deepCopy().retain("name", "generateName"));
    }
    return root;
  }

  private void visit(
      Schema schema, JsonNode value, Optional<JsonNode> before, String path, List<Cause> causes) {
    if (value.isNull() || value.isMissingNode()) {
      return;
    }
    for (JsonNode rule : schema.source().path(RULES)) {
      causes.addAll(evaluate(rule, schema, value, before, path));
    }
    if (value.isObject()) {
      for (var entry : value.properties()) {
        String name = entry.getKey();
        boolean key = !schema.isNamed(name) && schema.additional().isPresent();
        String inner = path.isEmpty() ? name : key ? path + "[" + name + "]" : path + "." + name;
        visit(schema.field(name), entry.getValue(), part(before, name), inner, causes);
      }
    } else if (value.isArray()) {
      Map<JsonNode, JsonNode> old = before.map(schema::byKey).orElseGet(LinkedHashMap::new);
      boolean correlated = schema.listType() == Schema.ListType.MAP;
      for (int i = 0; i < value.size(); i++) {
        JsonNode item = value.get(i);
        Optional<JsonNode> was =
            correlated ? Optional.ofNullable(old.get(schema.keyOf(item))) : Optional.empty();
        visit(schema.item(), item, was, path + "[" + i + "]", causes);
      }
    }
  }

  private static Optional<JsonNode> part(Optional<JsonNode> before, String name) {
    return before.map(b -> b.path(name)).filter(b -> !b.isMissingNode() && !b.isNull());
  }

  private List<Cause> evaluate(
      JsonNode rule, Schema schema, JsonNode value, Optional<JsonNode> before, String path) {
    String expression = Json.text(rule, "rule");
    if (OLD.matcher(expression).find() && before.isEmpty()) {
      return List.of();
    }
    Map<String, Object> variables = new HashMap<>();
    variables.put("self", CelValues.of(value, schema));
    before.ifPresent(b -> variables.put("oldSelf", CelValues.of(b, schema)));
    try {
      Object result = environment.evaluate(expression, variables);
      return Boolean.TRUE.equals(result)
          ? List.of()
          : List.of(refusal(rule, value, path, message(rule, variables)));
    } catch (CelEvaluationException | CelValidationException e) {
      String message = e.getMessage() + " evaluating rule: " + fixedMessage(rule);
      return List.of(refusal(rule, value, path, message));
    }
  }

  private static Cause refusal(JsonNode rule, JsonNode value, String path, String message) {
    String field = path + Json.text(rule, "fieldPath");
    String reason = rule.path("reason").asText("FieldValueInvalid");
    String text =
        switch (reason) {
          case "FieldValueRequired" -> "Required value: " + message;
          case "FieldValueForbidden" -> "Forbidden: " + message;
          case "FieldValueDuplicate" -> "Duplicate value: " + value;
          default -> "Invalid value: " + shown(value) + message;
        };
    return new Cause(reason, text, field.isEmpty() ? "<nil>" : field);
  }

  /** Objects and lists are left out, as upstream does. */
  private static String shown(JsonNode value) {
    return value.isContainerNode() ? "" : value + ": ";
  }

  private String message(JsonNode rule, Map<String, Object> variables) {
    String expression = Json.text(rule, "messageExpression");
    if (!expression.isEmpty()) {
      try {
        return environment.evaluate(expression, variables).toString();
      } catch (CelEvaluationException | CelValidationException e) {
        // As upstream: the message falls back to the fixed one.
      }
    }
    return fixedMessage(rule);
  }

  private static String fixedMessage(JsonNode rule) {
    String otherwise = "failed rule: " + Json.text(rule, "rule").strip();
    return rule.path("message").asText(otherwise);
  }

  private void check(Schema schema, String path, List<Cause> problems) {
    JsonNode rules = schema.source().path(RULES);
    for (int i = 0; i < rules.size(); i++) {
      String at = "%s.%s[%d]".formatted(path, RULES, i);
      if (rules.get(i).path("optionalOldSelf").asBoolean()) {
        problems.add(
            Cause.invalid(
                at + ".optionalOldSelf", "true", "this control plane does not support it"));
      }
      for (String field : List.of("rule", "messageExpression")) {
        String expression = Json.text(rules.get(i), field);
        if (!expression.isEmpty()) {
          compile(expression, at + "." + field).ifPresent(problems::add);
        }
      }
    }
    schema
        .properties()
        .forEach((name, inner) -> check(inner, path + ".properties[" + name + "]", problems));
    schema.items().ifPresent(inner -> check(inner, path + ".items", problems));
    schema.additional().ifPresent(inner -> check(inner, path + ".additionalProperties", problems));
  }

  private Optional<Cause> compile(String expression, String path) {
    try {
      environment.compile(expression);
      return Optional.empty();
    } catch (CelValidationException e) {
      return Optional.of(
          Cause.invalid(
              path,
              TextNode.valueOf(expression).toString(),
              "compilation failed: " + e.getMessage()));
    }
  }
}
