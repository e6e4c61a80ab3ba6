package dev.kvasir.e2e.apiserver.selection;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A label selector: equality, sets and existence, all of which must hold. */
public record LabelSelector(List<Requirement> requirements)
    implements Predicate<Map<String, String>> {
  private static final String KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*(?:/[A-Za-z0-9][-A-Za-z0-9_.]*)?)";
  private static final Pattern SET = Pattern.compile(KEY + "\\s+(in|notin)\\s*\\(([^()]*)\\)");
  private static final Pattern EQUALITY =
      Pattern.compile(KEY + "\\s*(==|=|!=|>|<)\\s*([-A-Za-z0-9_.]*)");
  private static final Pattern EXISTENCE = Pattern.compile("(!?)\\s*" + KEY);

  /** What one label must be like. */
  public record Requirement(String key, String operator, List<String> values) {
    boolean holds(Map<String, String> labels) {
      String value = labels.get(key);
      return switch (operator) {
        case "in" -> value != null && values.contains(value);
        case "notin" -> value == null || !values.contains(value);
        case "exists" -> value != null;
        case "absent" -> value == null;
        case ">" -> value != null && compare(value) > 0;
        case "<" -> value != null && compare(value) < 0;
        default -> throw new IllegalStateException("operator " + operator);
      };
    }

    private int compare(String value) {
      try {
        return Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst()));
      } catch (NumberFormatException e) {
        return 0;
      }
    }
  }

  /** Reads the form of a query parameter and of kubectl -l; the empty text selects everything. */
  public static LabelSelector parse(String text) {
    List<Requirement> requirements = new ArrayList<>();
    for (String part : text.split(",(?![^(]*\\))", -1)) {
      if (!part.isBlank()) {
        requirements.add(requirement(part.strip()));
      }
    }
    return new LabelSelector(List.copyOf(requirements));
  }

  /** Reads the form of a LabelSelector object: matchLabels and matchExpressions. */
  public static LabelSelector of(JsonNode selector) {
    List<Requirement> requirements = new ArrayList<>();
    selector
        .path("matchLabels")
        .properties()
        .forEach(e ->
            requirements.add(new Requirement(e.getKey(), "in", List.of(e.getValue().asText()))));
    for (JsonNode expression : selector.path("matchExpressions")) {
      String operator =
          switch (Json.text(expression, "operator")) {
            case "In" -> "in";
            case "NotIn" -> "notin";
            case "Exists" -> "exists";
            case "DoesNotExist" -> "absent";
            default ->
                throw ApiException.badRequest(
                    "\"%s\" is not a valid label selector operator"
                        .formatted(Json.text(expression, "operator")));
          };
      requirements.add(
          new Requirement(
              Json.text(expression, "key"), operator, Json.texts(expression.path("values"))));
    }
    return new LabelSelector(List.copyOf(requirements));
  }

  @Override
  public boolean test(Map<String, String> labels) {
    return requirements.stream().allMatch(r -> r.holds(labels));
  }

  private static Requirement requirement(String part) {
    Matcher set = SET.matcher(part);
    if (set.matches()) {
      List<String> values = Arrays.stream(set.group(3).split(",")).map(String::strip).toList();
      return new Requirement(set.group(1), set.group(2), values);
    }
    Matcher equality = EQUALITY.matcher(part);
    if (equality.matches()) {
      return equality(equality.group(1), equality.group(2), equality.group(3));
    }
    Matcher existence = EXISTENCE.matcher(part);
    if (existence.matches()) {
      String operator = existence.group(1).isEmpty() ? "exists" : "absent";
      return new Requirement(existence.group(2), operator, List.of());
    }
    throw ApiException.badRequest(
        "unable to parse requirement: \"%s\" is no label selector".formatted(part));
  }

  private static Requirement equality(String key, String operator, String value) {
    return switch (operator) {
      case "=", "==" -> new Requirement(key, "in", List.of(value));
      case "!=" -> new Requirement(key, "notin", List.of(value));
      default -> new Requirement(key, operator, List.of(value));
    };
  }
}
