package dev.kvasir.e2e.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The API as it goes over the wire, for what a client library hides. */
record Api(KubernetesClient client) {
  static final String APPLY = "application/apply-patch+yaml";
  static final String MERGE = "application/merge-patch+json";
  static final String JSON_PATCH = "application/json-patch+json";
  static final String STRATEGIC = "application/strategic-merge-patch+json";
  private static final String JSON = "application/json";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int TIMEOUT_SECONDS = 30;

  Reply get(String path) {
    return read(request(path).header("Accept", JSON).build());
  }

  Reply getAs(String path, String accept) {
    return read(request(path).header("Accept", accept).build());
  }

  Reply post(String path, String body) {
    return send("POST", path, JSON, body);
  }

  Reply put(String path, String body) {
    return send("PUT", path, JSON, body);
  }

  Reply patch(String path, String type, String body) {
    return send("PATCH", path, type, body);
  }

  Reply apply(String path, String manager, String body) {
    return send("PATCH", path + "?fieldManager=" + manager, APPLY, body);
  }

  Reply forceApply(String path, String manager, String body) {
    return send("PATCH", path + "?force=true&fieldManager=" + manager, APPLY, body);
  }

  Reply delete(String path) {
    return delete(path, "{}");
  }

  Reply delete(String path, String options) {
    return send("DELETE", path, JSON, options);
  }

  Reply send(String method, String path, String type, String body) {
    return read(request(path).method(method, type, body).build());
  }

  WatchStream watch(String path) {
    return WatchStream.open(client.getHttpClient(), request(path).build());
  }

  private HttpRequest.Builder request(String path) {
    URI uri = URI.create(client.getMasterUrl().toString()).resolve(path);
    return client.getHttpClient().newHttpRequestBuilder().uri(uri);
  }

  private Reply read(HttpRequest request) {
    try {
      HttpResponse<String> response =
          client
              .getHttpClient()
              .sendAsync(request, String.class)
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      String warning = String.join("\n", response.headers("Warning"));
      return new Reply(response.code(), MAPPER.readTree(response.body()), warning);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(request.method() + " " + request.uri() + ": " + e, e);
    }
  }
}
