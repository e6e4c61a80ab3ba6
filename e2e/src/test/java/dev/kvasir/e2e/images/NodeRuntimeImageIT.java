package dev.kvasir.e2e.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import dev.kvasir.e2e.Eventually;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** The runtime's image: small, unprivileged, and it ends as a pod has to. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NodeRuntimeImageIT {
  private static final long LARGEST = 250_000_000;
  private static final int LONG = 1200;

  private static String image;

  @BeforeAll
  static void build() throws Exception {
    TestingImages.assumeDocker();
    image = TestingImages.build("node-runtime");
  }

  @Test
  void itIsAtMost250Megabytes() {
    assertTrue(TestingImages.size(image) <= LARGEST, "bytes: " + TestingImages.size(image));
  }

  @Test
  void itAnswersAChatAndDrainsOnDockerStop() throws Exception {
    try (GenericContainer<?> container = start();
        HttpClient http = HttpClient.newHttpClient()) {
      List<String> events = new ArrayList<>();
      HttpResponse<Stream<String>> answer =
          http.send(chat(container), HttpResponse.BodyHandlers.ofLines());
      assertEquals(200, answer.statusCode());
      try (Stream<String> lines = answer.body()) {
        Iterator<String> each = lines.filter(line -> !line.isEmpty()).iterator();
        events.add(each.next());
        stop(container);
        each.forEachRemaining(events::add);
      }
      assertEquals("data: [DONE]", events.getLast(), "the stream's end");
      String all = String.join("\n", events);
      assertTrue(
          all.contains("\"completion_tokens\":" + LONG),
          "the last events: " + all.substring(Math.max(0, all.length() - 600)));
      awaitExit(container);
    }
  }

  @Test
  void itsProcessIsAnUnprivilegedUsers() {
    try (GenericContainer<?> container = start()) {
      DockerClient docker = container.getDockerClient();
      var processes = docker.topContainerCmd(container.getContainerId()).withPsArgs("-eo uid,pid");
      String[][] rows = processes.exec().getProcesses();
      assertNotNull(rows);
      for (String[] row : rows) {
        assertEquals("65532", row[0].strip());
      }
    }
  }

  private static GenericContainer<?> start() {
    GenericContainer<?> container =
        TestingContainer.of(image, 2048)
            .withCommand("serve", "--model", "bundled://sample", "--drain-delay", "0s")
            .withExposedPorts(8000)
            .waitingFor(Wait.forHttp("/health/ready").withStartupTimeout(Duration.ofMinutes(1)));
    container.start();
    return container;
  }

  private static HttpRequest chat(GenericContainer<?> container) {
    return HttpRequest.newBuilder(
            URI.create(
                "http://%s:%d/v1/chat/completions"
                    .formatted(container.getHost(), container.getMappedPort(8000))))
        .header("content-type", "application/json")
        .timeout(Duration.ofMinutes(2))
        .POST(
            HttpRequest.BodyPublishers.ofString(
                """
                {"model": "sample", "stream": true, "stream_options": {"include_usage": true}, "max_tokens": %d, "ignore_eos": true,
                 "messages": [{"role": "user", "content": "Count for a long time."}]}\
                """
                    .formatted(LONG)))
        .build();
  }

  /** As {@code docker stop} does, without waiting for it. */
  private static void stop(GenericContainer<?> container) {
    var _ =
        container
            .getDockerClient()
            .killContainerCmd(container.getContainerId())
            .withSignal("SIGTERM")
            .exec();
  }

  private static void awaitExit(GenericContainer<?> container) {
    Eventually.check(
        Duration.ofSeconds(30),
        () ->
            assertNotEquals(
                true,
                container.getCurrentContainerInfo().getState().getRunning(),
                () -> "it still runs: " + container.getLogs()));
    ContainerState state = container.getCurrentContainerInfo().getState();
    assertEquals(0L, state.getExitCodeLong(), container.getLogs());
  }
}
