package dev.kvasir.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Asks an OpenAI-compatible endpoint for a streamed chat answer, as an application would. */
final class ChatClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String url;

  ChatClient(String url) {
    this.url = url;
  }

  /** The answer's events; fails unless the stream came with status 200 and to its regular end. */
  List<String> stream(String question, int maxTokens) throws IOException, InterruptedException {
    String body =
        """
        {"model": "sample", "stream": true, "max_tokens": %d, "ignore_eos": true,
         "messages": [{"role": "user", "content": "%s"}]}\
        """
            .formatted(maxTokens, question);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/chat/completions"))
            .header("content-type", "application/json")
            .timeout(TIMEOUT)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<Stream<String>> response = http.send(request, HttpResponse.BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      List<String> events = lines.filter(line -> !line.isEmpty()).toList();
      if (response.statusCode() != 200 || !events.getLast().equals("data: [DONE]")) {
        throw new IOException(
            "status "
                + response.statusCode()
                + ", and the last events are "
                + events.subList(Math.max(0, events.size() - 2), events.size()));
      }
      return events;
    }
  }

  /** A page of text, such as a pod's metrics. */
  String get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }
}
