package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The events of one watch request, in the order that they came. */
final class WatchStream implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

  private final InputStream in;
  private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
  private final Thread reader = Thread.ofVirtual().unstarted(this::read);

  private WatchStream(InputStream in) {
    this.in = in;
  }

  static WatchStream open(HttpClient http, HttpRequest request) {
    try {
      var response = http.sendAsync(request, InputStream.class).get(20, TimeUnit.SECONDS);
      assertEquals(200, response.code(), request.uri().toString());
      var stream = new WatchStream(response.body());
      stream.reader.start();
      return stream;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(request.uri() + ": " + e, e);
    }
  }

  /** The next event, which must be of this type and about this object. */
  JsonNode expect(String type, String name) {
    JsonNode event = next();
    assertEquals(
        type + " " + name,
        event.at("/type").asText() + " " + event.at("/object/metadata/name").asText());
    return event.at("/object");
  }

  /** The next event of this type, whatever comes before it. */
  JsonNode awaitType(String type) {
    JsonNode event = next();
    while (!type.equals(event.at("/type").asText())) {
      event = next();
    }
    return event.at("/object");
  }

  void expectNothing(Duration time) {
    assertNull(poll(time), "an event that nobody should see");
  }

  void expectEnd() {
    try {
      reader.join(LONGEST_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    assertEquals(Thread.State.TERMINATED, reader.getState(), "the watch goes on");
  }

  private JsonNode next() {
    return assertNotNullEvent(poll(LONGEST_WAIT));
  }

  private static JsonNode assertNotNullEvent(JsonNode event) {
    assertNotNull(event, () -> "no event in " + LONGEST_WAIT);
    return event;
  }

  private JsonNode poll(Duration time) {
    try {
      return events.poll(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void read() {
    try (var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        events.add(MAPPER.readTree(line));
      }
    } catch (IOException e) {
      // The test has closed it, or the server has; expectEnd tells them apart where it matters.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
