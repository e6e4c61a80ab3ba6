package dev.kvasir.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The recording rules and alerts of this repository. */
public final class Rules {
  public static final Path FILE =
      Path.of("../manifests/prometheus/rules.yaml").toAbsolutePath().normalize();

  private static final Pattern COMPARISON = Pattern.compile(" (>=|<=|==|>|<) ");
  private static final Pattern ABSENT = Pattern.compile("absent\\((.*)\\)");

  private Rules() {}

  /** An alert's or a recording's rule. */
  public record Rule(String name, boolean isAlert, JsonNode json) {
    /**
     * What is compared, whether or not the comparison holds: with bool it yields 0 or 1 for
     * everything that has a value on both sides, and nothing where a metric or a label is not
     * there.
     */
    public String withoutComparison() {
      String expression = ABSENT.matcher(json.get("expr").asText()).replaceAll("$1");
      return COMPARISON.matcher(expression).replaceAll(" $1 bool ");
    }
  }

  public static List<Rule> all() throws IOException {
    return new YAMLMapper()
        .readTree(FILE.toFile())
        .get("groups")
        .valueStream()
        .flatMap(group -> group.get("rules").valueStream())
        .map(Rules::rule)
        .toList();
  }

  static Stream<Rule> alerts() throws IOException {
    return all().stream().filter(Rule::isAlert);
  }

  private static Rule rule(JsonNode json) {
    return json.has("alert")
        ? new Rule(json.get("alert").asText(), true, json)
        : new Rule(json.get("record").asText(), false, json);
  }
}
