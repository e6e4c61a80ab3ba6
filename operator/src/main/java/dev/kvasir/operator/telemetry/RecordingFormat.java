package dev.kvasir.operator.telemetry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.Replica;
import dev.kvasir.operator.scaling.ReplicaLoad;
import dev.kvasir.operator.scaling.TelemetrySnapshot;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/** A recording: a line of JSON for each round of telemetry. */
public final class RecordingFormat {
  /** Of one line; about ten thousand pods. */
  public static final int MOST_CHARACTERS = 4 << 20;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private record Line(
      String time,
      String namespace,
      String deployment,
      String revision,
      int replicas,
      double held,
      double heldPromptTokens,
      Rates measured,
      List<Pod> pods) {}

  private record Rates(
      double promptTokensPerSecond, double outputTokensPerSecond, double kvTokens) {}

  @JsonInclude(JsonInclude.Include.ALWAYS)
  private record Pod(
      String name, Replica.State state, String since, String readAt, ReplicaLoad load) {}

  private RecordingFormat() {}

  /** Without the line's end. */
  public static String write(RecordedRound round) {
    TelemetrySnapshot seen = round.snapshot();
    Capacity measured = round.measured();
    Line line =
        new Line(
            seen.at().toString(),
            round.deployment().namespace(),
            round.deployment().name(),
            round.revision(),
            round.replicas(),
            seen.held(),
            seen.heldPromptTokens(),
            new Rates(
                measured.promptTokensPerSecond(),
                measured.outputTokensPerSecond(),
                measured.kvTokens()),
            seen.replicas().stream().map(RecordingFormat::pod).toList());
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a round that JSON can't say: " + round, e);
    }
  }

  private static Pod pod(Replica replica) {
    return new Pod(
        replica.name(),
        replica.state(),
        replica.since().toString(),
        replica.readAt().toString(),
        replica.load().orElse(null));
  }

  /** Reads a line; throws {@link IllegalArgumentException} that says what is wrong with it. */
  public static RecordedRound read(String line) {
    try {
      Line read = JSON.readValue(line, Line.class);
      checkNumbers(read);
      return new RecordedRound(
          new DeploymentKey(read.namespace, read.deployment),
          required("revision", read.revision),
          read.replicas,
          Capacity.measured(
              read.measured.promptTokensPerSecond,
              read.measured.outputTokensPerSecond,
              read.measured.kvTokens),
          new TelemetrySnapshot(
              time(read.time),
              required("pods", read.pods).stream().map(RecordingFormat::replica).toList(),
              read.held,
              read.heldPromptTokens));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(where(e) + advised(e.getOriginalMessage()), e);
    }
  }

  private static String where(JsonProcessingException e) {
    String path =
        e instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(step ->
                    step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."))
            : "";
    return path.isEmpty() ? "" : path + ": ";
  }

  /** Without Jackson's advice on its own settings. */
  private static String advised(String message) {
    return message.replaceFirst(" \\(set Deser.*|; `Deser.*", "");
  }

  private static Replica replica(Pod pod) {
    required("a pod", pod);
    return new Replica(
        required("a pod's name", pod.name),
        required("a pod's state", pod.state),
        time(pod.since),
        Optional.ofNullable(pod.load),
        time(pod.readAt));
  }

  private static void checkNumbers(Line line) {
    Rates measured = required("measured", line.measured);
    check(
        "the round",
        line.replicas,
        line.held,
        line.heldPromptTokens,
        measured.promptTokensPerSecond,
        measured.outputTokensPerSecond,
        measured.kvTokens);
    for (Pod pod : required("pods", line.pods)) {
      if (pod != null && pod.load != null) {
        check(
            "pod " + pod.name,
            pod.load.running(),
            pod.load.waiting(),
            pod.load.waitingPromptTokens(),
            pod.load.kvTokens(),
            pod.load.kvCapacityTokens(),
            pod.load.promptTokensPerSecond(),
            pod.load.outputTokensPerSecond(),
            pod.load.saturatedPromptRate(),
            pod.load.saturatedOutputRate());
      }
    }
  }

  private static void check(String whose, double... numbers) {
    DoubleStream.of(numbers)
        .filter(number -> !(number >= 0 && number < Double.POSITIVE_INFINITY))
        .findFirst()
        .ifPresent(number -> {
          throw new IllegalArgumentException(
              "a number of %s is %s: it must be finite and at least 0".formatted(whose, number));
        });
  }

  private static <T> T required(String what, T value) {
    if (value == null) {
      throw new IllegalArgumentException(what + " is missing");
    }
    return value;
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(required("a time", text));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'%s' is no time such as 2026-01-31T12:00:00Z".formatted(text), e);
    }
  }
}
