package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;

/** Fetches logs from the kubelet of a pod's node, over TLS without verification as upstream. */
final class KubeletClient {
  private static final Set<String> PARAMETERS =
      Set.of(
          "follow",
          "previous",
          "sinceSeconds",
          "sinceTime",
          "timestamps",
          "tailLines",
          "limitBytes",
          "stream");
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final int BUFFER = 8192;

  private final ObjectStore store;
  private final HttpClient client =
      HttpClient.newBuilder()
          .sslContext(TrustEveryone.context())
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  KubeletClient(ObjectStore store) {
    this.store = store;
  }

  void log(ApiRequest request, KubeObject pod) throws IOException {
    String container = container(request.parameter("container"), pod);
    URI uri = URI.create(kubelet(pod) + logPath(request, pod, container));
    HttpRequest get = HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT).build();
    HttpResponse<InputStream> response = ask(get, pod);
    try (InputStream in = response.body()) {
      if (response.statusCode() != 200) {
        String told = new String(in.readNBytes(BUFFER), StandardCharsets.UTF_8).strip();
        throw new ApiException(response.statusCode(), "BadRequest", told, Json.object());
      }
      request.exchange().getResponseHeaders().set("Content-Type", "text/plain");
      request.exchange().sendResponseHeaders(200, 0);
      stream(in, request.exchange().getResponseBody());
    }
  }

  private HttpResponse<InputStream> ask(HttpRequest get, KubeObject pod) throws IOException {
    try {
      return client.send(get, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new ApiException(
          500,
          "InternalError",
          "the kubelet of pod %s cannot be reached at %s: %s"
              .formatted(pod.name(), get.uri(), e.getMessage()),
          Json.object());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopped while waiting for a log", e);
    }
  }

  /** What has come is passed on at once. */
  private static void stream(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      out.write(buffer, 0, n);
      out.flush();
    }
  }

  private static String container(String wanted, KubeObject pod) {
    List<String> names = names(pod);
    if (wanted.isEmpty() && names.size() == 1) {
      return names.getFirst();
    }
    if (wanted.isEmpty()) {
      throw ApiException.badRequest(
          "a container name must be specified for pod %s, choose one of: [%s]"
              .formatted(pod.name(), String.join(" ", names)));
    }
    if (!names.contains(wanted)) {
      throw ApiException.badRequest(
          "container %s is not valid for pod %s".formatted(wanted, pod.name()));
    }
    return wanted;
  }

  private static List<String> names(KubeObject pod) {
    List<String> names = new ArrayList<>();
    pod.spec().path("containers").forEach(c -> names.add(Json.text(c, "name")));
    return names;
  }

  private String kubelet(KubeObject pod) {
    String nodeName = Json.text(pod.spec(), "nodeName");
    if (nodeName.isEmpty()) {
      throw ApiException.badRequest("pod %s does not have a host assigned".formatted(pod.name()));
    }
    KubeObject node =
        store
            .get("nodes", new ObjectKey("", nodeName))
            .orElseThrow(
                () -> ApiException.badRequest("node \"%s\" not found".formatted(nodeName)));
    int port = node.at("status.daemonEndpoints.kubeletEndpoint.Port").asInt();
    for (JsonNode address : node.status().path("addresses")) {
      if (Json.text(address, "type").equals("InternalIP") && port > 0) {
        return "https://%s:%d".formatted(Json.text(address, "address"), port);
      }
    }
    throw ApiException.badRequest(
        "node %s has no InternalIP or no kubelet port".formatted(nodeName));
  }

  private static String logPath(ApiRequest request, KubeObject pod, String container) {
    StringJoiner query = new StringJoiner("&", "?", "");
    query.setEmptyValue("");
    request
        .query()
        .forEach((name, value) -> {
          if (PARAMETERS.contains(name)) {
            query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
          }
        });
    return "/containerLogs/%s/%s/%s%s".formatted(pod.namespace(), pod.name(), container, query);
  }
}
