package dev.kvasir.operator.inferencedeployment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.operator.telemetry.PodAddress;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Tells runtimes to drain, and remembers which have said that they are empty. */
final class Drains {
  private static final Logger LOG = Logger.getLogger(Drains.class);
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final int LARGEST_ANSWER = 4096;

  private final Set<String> drained = ConcurrentHashMap.newKeySet();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();

  /** Asks, or asks how far it is: a runtime takes it as often as it comes. */
  void begin(Pod pod) {
    send(pod, "POST")
        .filter("drained"::equals)
        .ifPresent(state -> drained.add(pod.getMetadata().getUid()));
  }

  /** Whether the pod has taken it. */
  boolean undo(Pod pod) {
    drained.remove(pod.getMetadata().getUid());
    return send(pod, "DELETE").isPresent();
  }

  Set<String> drained() {
    return Set.copyOf(drained);
  }

  void forget(Pod pod) {
    drained.remove(pod.getMetadata().getUid());
  }

  private Optional<String> send(Pod pod, String method) {
    Optional<URI> address = PodAddress.drain(pod);
    try {
      return address.isEmpty() ? Optional.empty() : Optional.of(state(address.get(), method));
    } catch (IOException e) {
      LOG.debugf("%s %s: %s", method, address.get(), e.getMessage());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private String state(URI address, String method) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(TIMEOUT)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    HttpResponse<String> response =
        http.send(
            request,
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofString(), LARGEST_ANSWER));
    if (response.statusCode() / 100 != 2) {
      throw new IOException("it answers " + response.statusCode());
    }
    return state(response.body());
  }

  private static String state(String body) throws IOException {
    try {
      return JSON.readTree(body).path("state").asText();
    } catch (JsonProcessingException e) {
      throw new IOException("its answer is no JSON: " + e.getOriginalMessage(), e);
    }
  }
}
