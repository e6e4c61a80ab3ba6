package dev.kvasir.e2e.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.load.TestingEndpoint.Behaviour;
import dev.kvasir.e2e.simulation.Arrival;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class LoadRunTest {

  @Test
  void wholeStreamsAreCountedAndTimed() throws Exception {
    try (var endpoint = new TestingEndpoint(TestingEndpoint.Answer::whole)) {
      LoadReport report = run(endpoint.url(), every(0.01, 20));
      assertTrue(report.isFlawless(), report.table());
      assertEquals(20, report.completed());
      assertEquals(20 * 4, report.outputTokens());
      assertEquals(20 * 5, report.promptTokens());
      assertEquals(20, report.timeToFirstToken().count());
      assertEquals(20 * 3, report.interToken().count());
      assertTrue(report.json().contains("\"completed\" : 20"), report.json());
      assertTrue(report.table().contains("20 sent, 0 not sent, 20 completed"), report.table());
    }
  }

  @Test
  void asksForWhatTheArrivalWants() throws Exception {
    try (var endpoint = new TestingEndpoint(TestingEndpoint.Answer::whole)) {
      run(endpoint.url(), List.of(new Arrival(0, 6, 3)));
      assertEquals(3, endpoint.lastBody().get("max_tokens").asInt());
      assertEquals("tiny", endpoint.lastBody().get("model").asText());
      assertTrue(endpoint.lastBody().get("ignore_eos").asBoolean());
      String text = endpoint.lastBody().get("messages").get(0).get("content").asText();
      assertEquals(6, text.split(" ").length, text);
    }
  }

  @Test
  void textsDifferFromTheirFirstWordsOn() {
    Ask ask = new Ask(Target.chat(URI.create("http://x/v1"), "m"), 1);
    Arrival arrival = new Arrival(0, 12, 1);
    assertEquals(50, IntStream.range(0, 50).mapToObj(i -> ask.body(arrival, i)).distinct().count());
  }

  /** A closed loop, or times from sending, would show one slow request here and call it p98. */
  @Test
  void aServerThatStallsIsSeenByAllWhoWouldHaveAskedMeanwhile() throws Exception {
    Object oneAtATime = new Object();
    Behaviour stalling =
        answer -> {
          synchronized (oneAtATime) {
            if (answer.number() == 5) {
              Thread.sleep(600);
            }
          }
          answer.whole();
        };
    try (var endpoint = new TestingEndpoint(stalling)) {
      LoadReport report = run(endpoint.url(), every(0.01, 60));
      assertEquals(60, report.completed(), report.table());
      assertTrue(report.timeToFirstToken().p50() > 150, report.table());
    }
  }

  @Test
  void whatCanNotBeSentInTimeIsCountedAndDoesNotWait() throws Exception {
    try (var endpoint =
        new TestingEndpoint(answer -> {
          Thread.sleep(400);
          answer.whole();
        })) {
      LoadReport report = new LoadRun(target(endpoint.url()), 3, 1).run(every(0.01, 10));
      assertEquals(7, report.notSent(), report.table());
      assertEquals(3, report.completed(), report.table());
      assertEquals(3, report.mostInFlight());
      assertFalse(report.isFlawless());
    }
  }

  @Test
  void commentsAreNoTokens() throws Exception {
    try (var endpoint =
        new TestingEndpoint(answer -> {
          answer.head();
          answer.write(": waiting\n\n");
          answer.tokens(4);
          answer.finish();
          answer.usage(4);
          answer.done();
        })) {
      LoadReport report = run(endpoint.url(), every(0.01, 1));
      assertTrue(report.isFlawless(), report.table());
      assertEquals(1, report.held());
    }
  }

  static Stream<Arguments> flaws() {
    return Stream.of(
        flaw("status_429", answer -> answer.refuse(429, "{\"error\":{\"code\":\"queue_full\"}}")),
        flaw("not_a_stream", answer -> answer.refuse(200, "{}")),
        flaw(
            "truncated",
            answer -> {
              answer.head();
              answer.tokens(4);
              answer.finish();
              answer.usage(4);
            }),
        flaw(
            "connection_lost",
            answer -> {
              answer.head(100_000);
              answer.tokens(2);
            }),
        flaw(
            "malformed",
            answer -> {
              answer.head();
              answer.write("data: {\"id\":\"r\n\n");
            }),
        flaw(
            "malformed",
            answer -> {
              answer.head();
              answer.write("hello\n\n");
            }),
        flaw(
            "no_finish_reason",
            answer -> {
              answer.head();
              answer.tokens(4);
              answer.usage(4);
              answer.done();
            }),
        flaw(
            "no_usage",
            answer -> {
              answer.head();
              answer.tokens(4);
              answer.finish();
              answer.done();
            }),
        flaw(
            "token_count",
            answer -> {
              answer.head();
              answer.tokens(3);
              answer.finish();
              answer.usage(4);
              answer.done();
            }),
        flaw(
            "token_count",
            answer -> {
              answer.head();
              answer.tokens(3);
              answer.finish();
              answer.usage(3);
              answer.done();
            }),
        flaw(
            "after_finish",
            answer -> {
              answer.head();
              answer.finish();
              answer.token();
            }),
        flaw(
            "after_done",
            answer -> {
              answer.whole();
              answer.token();
            }),
        flaw(
            "mixed_streams",
            answer -> {
              answer.head();
              answer.token();
              new TestingEndpoint.Answer(answer.exchange(), 77, 1).token();
            }),
        flaw(
            "error_event",
            answer -> {
              answer.head();
              answer.token();
              answer.write("data: {\"error\":{\"code\":\"lost\",\"message\":\"gone\"}}\n\n");
            }),
        flaw("timeout", answer -> Thread.sleep(5_000)),
        flaw(
            "timeout",
            answer -> {
              answer.head();
              answer.token();
              Thread.sleep(5_000);
            }));
  }

  private static Arguments flaw(String kind, Behaviour behaviour) {
    return Arguments.of(kind, behaviour);
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void flawsAreFoundByKind(String kind, Behaviour behaviour) throws Exception {
    try (var endpoint = new TestingEndpoint(behaviour)) {
      LoadReport report = run(endpoint.url(), every(0.01, 2));
      assertEquals(Map.of(kind, 2L), counts(report), report.table());
      assertEquals(0, report.completed());
      assertFalse(report.isFlawless());
    }
  }

  @Test
  void aClosedPortIsAFailureToConnect() throws Exception {
    int port;
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = taken.getLocalPort();
    }
    LoadReport report = run(URI.create("http://127.0.0.1:" + port + "/v1"), every(0.01, 2));
    assertEquals(Map.of("connect", 2L), counts(report));
  }

  private static Map<String, Long> counts(LoadReport report) {
    var counts = new java.util.TreeMap<String, Long>();
    report.failures().forEach((kind, failure) -> counts.put(kind, failure.count()));
    return counts;
  }

  private static LoadReport run(URI url, List<Arrival> arrivals) throws InterruptedException {
    return new LoadRun(target(url), 100, 1).run(arrivals);
  }

  private static Target target(URI url) {
    return new Target(
        url, "tiny", Target.Api.CHAT, Optional.empty(), true, true, Duration.ofSeconds(2));
  }

  private static List<Arrival> every(double seconds, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Arrival(i * seconds, 8, 4)).toList();
  }
}
