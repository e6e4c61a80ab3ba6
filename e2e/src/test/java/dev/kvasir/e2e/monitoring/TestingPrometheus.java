package dev.kvasir.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.kvasir.e2e.controlplane.FreePort;
import dev.kvasir.e2e.process.Child;
import dev.kvasir.e2e.process.Children;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A real Prometheus with this repository's scrape jobs and rules, and its promtool. */
public final class TestingPrometheus implements AutoCloseable {
  private static final Path SCRAPE =
      Path.of("../manifests/prometheus/scrape.yaml").toAbsolutePath().normalize();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final HttpClient http = HttpClient.newHttpClient();
  private final JsonMapper json = new JsonMapper();
  private final Children children = new Children();
  private final Instant started = Instant.now();
  private final Child process;
  private final Path log;
  private final String url;

  /** A series' labels, and what it was over time. */
  public record Series(Map<String, String> labels, List<Double> values) {
    public boolean hasNumber() {
      return values.stream().anyMatch(Double::isFinite);
    }
  }

  /**
   * @param programs the folder of prometheus and promtool
   * @param directory empty, for its files
   */
  public TestingPrometheus(Path programs, Path directory, PodDiscovery discovery)
      throws IOException {
    int port = FreePort.choose();
    url = "http://127.0.0.1:" + port;
    log = directory.resolve("prometheus.log");
    Path configuration = directory.resolve("prometheus.yaml");
    new YAMLMapper().writeValue(configuration.toFile(), configuration(discovery));
    process =
        children.start(
            new ProcessBuilder(
                    programs.resolve("prometheus").toString(),
                    "--config.file=" + configuration,
                    "--storage.tsdb.path=" + directory.resolve("data"),
                    "--web.listen-address=127.0.0.1:" + port,
                    "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile()));
  }

  /** The jobs as they are, except that pods are found over HTTP, and every second. */
  private ObjectNode configuration(PodDiscovery discovery) throws IOException {
    ObjectNode configuration = (ObjectNode) new YAMLMapper().readTree(SCRAPE.toFile());
    for (JsonNode job : configuration.get("scrape_configs")) {
      ObjectNode own = (ObjectNode) job;
      var _ = own.remove("kubernetes_sd_configs");
      ObjectNode found = own.putArray("http_sd_configs").addObject();
      found.put("url", discovery.url()).put("refresh_interval", "1s");
    }
    configuration.putObject("global").put("scrape_interval", "1s").put("evaluation_interval", "1s");
    configuration.putArray("rule_files").add(Rules.FILE.toString());
    return configuration;
  }

  /** What an expression was since this Prometheus has started. */
  public List<Series> range(String expression) throws IOException, InterruptedException {
    JsonNode data =
        get(
            "/api/v1/query_range?step=1&start=%s&end=%s&query=%s"
                .formatted(
                    started.getEpochSecond(),
                    Instant.now().getEpochSecond() + 1,
                    URLEncoder.encode(expression, StandardCharsets.UTF_8)));
    return data.get("result").valueStream().map(TestingPrometheus::series).toList();
  }

  private static Series series(JsonNode result) {
    Map<String, String> labels = new TreeMap<>();
    result.get("metric").properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    List<Double> values =
        result
            .get("values")
            .valueStream()
            .map(value ->
                Double.valueOf(
                    value.get(1).asText().replace("+Inf", "Infinity").replace("-Inf", "-Infinity")))
            .toList();
    return new Series(labels, values);
  }

  /** The values of a label, as a dashboard's variable asks for them. */
  public List<String> labelValues(String selector, String label)
      throws IOException, InterruptedException {
    JsonNode data =
        get(
            "/api/v1/label/%s/values?match[]=%s"
                .formatted(label, URLEncoder.encode(selector, StandardCharsets.UTF_8))
                .replace("[]", "%5B%5D"));
    return data.valueStream().map(JsonNode::asText).toList();
  }

  /** Rules that could not be evaluated, with why not. */
  public List<String> failedRules() throws IOException, InterruptedException {
    return get("/api/v1/rules")
        .get("groups")
        .valueStream()
        .flatMap(group -> group.get("rules").valueStream())
        .filter(rule -> !rule.get("health").asText().equals("ok"))
        .map(rule ->
            rule.get("name").asText() + ": " + rule.path("lastError").asText("not evaluated"))
        .toList();
  }

  /** Jobs with at least one target that answers. */
  public List<String> jobsUp() throws IOException, InterruptedException {
    return range("up").stream()
        .filter(series -> series.values().getLast() == 1)
        .map(series -> series.labels().get("job"))
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .toList();
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT).build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    JsonNode answer = json.readTree(response.body());
    if (!answer.path("status").asText().equals("success")) {
      throw new IOException(path + ": " + response.body());
    }
    return answer.get("data");
  }

  /** Its last words, for a failure's message. */
  public String log() throws IOException {
    return Files.readString(log);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    children.close();
  }
}
