package dev.kvasir.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A Grafana dashboard of this repository, as far as tests look at it. */
public record Dashboard(String file, JsonNode json) {
  static final Path FOLDER = Path.of("../manifests/grafana").toAbsolutePath().normalize();

  /** One query of a panel, with the name that its series get. */
  public record Query(String where, String expression, String legend) {}

  public static List<Dashboard> all() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().map(Dashboard::read).toList();
    }
  }

  private static Dashboard read(Path file) {
    try {
      return new Dashboard(file.getFileName().toString(), new JsonMapper().readTree(file.toFile()));
    } catch (IOException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }

  /** Without the headings of rows. */
  List<JsonNode> panels() {
    return Stream.of(json.get("panels"))
        .flatMap(JsonNode::valueStream)
        .filter(panel -> !panel.get("type").asText().equals("row"))
        .toList();
  }

  List<JsonNode> variables() {
    return json.at("/templating/list").valueStream().toList();
  }

  /** Every query of every panel, with these values for the dashboard's variables. */
  public List<Query> queries(Map<String, String> variables) {
    return panels().stream()
        .flatMap(panel ->
            panel
                .get("targets")
                .valueStream()
                .map(target ->
                    new Query(
                        file
                            + ", "
                            + panel.get("title").asText()
                            + ", "
                            + target.get("refId").asText(),
                        filled(target.get("expr").asText(), variables),
                        target.get("legendFormat").asText())))
        .toList();
  }

  /** What the dashboard's own variables are made from, but for the data source. */
  public List<Query> variableQueries(Map<String, String> variables) {
    return variables().stream()
        .filter(variable -> variable.get("type").asText().equals("query"))
        .map(variable ->
            new Query(
                file + ", variable " + variable.get("name").asText(),
                filled(variable.at("/query/query").asText(), variables),
                variable.get("name").asText()))
        .toList();
  }

  private static String filled(String expression, Map<String, String> variables) {
    String filled = expression;
    for (Map.Entry<String, String> variable : variables.entrySet()) {
      filled = filled.replace("$" + variable.getKey(), variable.getValue());
    }
    if (filled.contains("$")) {
      throw new IllegalArgumentException("a variable without a value is left in " + filled);
    }
    return filled;
  }
}
