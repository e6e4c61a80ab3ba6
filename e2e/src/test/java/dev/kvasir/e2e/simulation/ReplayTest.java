package dev.kvasir.e2e.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.operator.telemetry.RecordingFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command over a recording that the simulator wrote. */
class ReplayTest {
  private static final ReplicaModel MODEL = ReplicaModel.standard();

  @TempDir private static Path directory;
  private static Path recording;
  private static List<String> lines;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void record() throws IOException {
    lines = new ArrayList<>();
    Contestant ours =
        Contestant.recorded(MODEL, 1, 20, round -> lines.add(RecordingFormat.write(round)));
    var _ = new Simulation(MODEL, TraceKind.SPIKES.arrivals(1), 1).run(ours.make().get(), 3600);
    recording = Files.write(directory.resolve("spikes.jsonl"), lines);
  }

  private int replay(Object... args) {
    return line().execute(Stream.of(args).map(Object::toString).toArray(String[]::new));
  }

  private CommandLine line() {
    return Replay.line().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
  }

  private JsonNode results(Path json) throws IOException {
    return new ObjectMapper().readTree(json.toFile()).get("results");
  }

  @Test
  void theSameSettingsDecideTheSame() throws IOException {
    Path json = directory.resolve("same.json");
    assertEquals(0, replay(recording, "--with", "maxReplicas: 20", "--json", json), err::toString);
    JsonNode results = results(json);
    assertEquals(results.get(0).get("replicas"), results.get(1).get("replicas"));
    assertTrue(results.get(0).get("changes").asInt() > 2, results::toString);
    assertEquals(
        results.get(0).get("replicaHours").asDouble(),
        results.get(1).get("replicaHours").asDouble(),
        1e-9);
  }

  @Test
  void otherSettingsDecideOtherwise() throws IOException {
    Path json = directory.resolve("other.json");
    Path svg = directory.resolve("other.svg");
    List<String> settings =
        List.of("maxReplicas: 2", "{maxReplicas: 20, scaleDown: {stabilization: 1m}}");
    assertEquals(
        0,
        replay(
            recording,
            "--with",
            settings.get(0),
            "--with",
            settings.get(1),
            "--decisions",
            "--json",
            json,
            "--svg",
            svg),
        err::toString);
    JsonNode results = results(json);
    assertEquals(2, results.get(1).get("mostReplicas").asInt());
    assertTrue(results.get(1).get("secondsAtMaximum").asDouble() > 0, results::toString);
    assertTrue(
        results.get(2).get("replicaHours").asDouble()
            < results.get(0).get("replicaHours").asDouble(),
        "a shorter window costs less");
    settings.forEach(text -> assertTrue(out.toString().contains(text), out::toString));
    assertTrue(out.toString().contains("which is maxReplicas: "), "the decisions in words");
    assertTrue(Files.readString(svg).contains("<svg"), "a picture");
  }

  @Test
  void aTimeThatNobodyRecordedIsNoWindowThatPassed() throws IOException {
    int peak = peak();
    List<String> broken = new ArrayList<>(lines.subList(0, peak + 1));
    broken.addAll(lines.subList(peak + 200, peak + 230));
    Path file = Files.write(directory.resolve("broken.jsonl"), broken);
    Path json = directory.resolve("broken.json");
    assertEquals(0, replay(file, "--with", "maxReplicas: 20", "--json", json), err::toString);
    JsonNode steps = results(json).get(1).get("replicas");
    int largest = results(json).get(1).get("mostReplicas").asInt();
    assertEquals(largest, steps.get(steps.size() - 1).get(1).asInt(), steps::toString);
  }

  private static int peak() {
    int[] asked = lines.stream().mapToInt(line -> RecordingFormat.read(line).replicas()).toArray();
    int most = Arrays.stream(asked).max().orElseThrow();
    return Arrays.stream(asked).boxed().toList().indexOf(most);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "maxReplicas: 0 | spec.scaling.maxReplicas is 0: it must be between 1 and",
        "maxReplica: 4 | Unrecognized field \"maxReplica\"",
        "minReplicas: 4 | spec.scaling.maxReplicas is required",
        "{maxReplicas: 4, mode: Advisory} | mode changes no decision",
        "{maxReplicas: 4, scaleDown: {stabilization: soon}} | stabilization is 'soon'",
        "[4] | must be what spec.scaling holds",
        "{maxReplicas: | can't be read",
      })
  void settingsThatTheOperatorWouldRefuseAreRefused(String settings, String why) {
    assertEquals(2, replay(recording, "--with", settings));
    assertTrue(err.toString().contains(why), err::toString);
  }

  @Test
  void aBrokenLineIsNamed() throws IOException {
    assertRefused(List.of(lines.get(0), "{}"), "line 2: ");
    assertRefused(List.of(lines.get(0), lines.get(1).substring(9)), "line 2: ");
    assertRefused(List.of(lines.get(1), "", lines.get(0)), "line 3 is of 1970-01-01T00:00:00Z, ");
    assertRefused(
        List.of(lines.get(0), lines.get(1).replace("\"deployment\":\"s", "\"deployment\":\"t")),
        "line 2 is of simulated/timulated, the one before of simulated/simulated");
    assertRefused(List.of(), "has no rounds");
    assertRefused(
        List.of(lines.get(0), "x".repeat(RecordingFormat.MOST_CHARACTERS + 1)),
        "line 2: longer than ");
  }

  private void assertRefused(List<String> content, String why) throws IOException {
    Path file = Files.write(directory.resolve("refused.jsonl"), content);
    assertEquals(1, replay(file, "--with", "maxReplicas: 4"));
    assertTrue(err.toString().contains("refused.jsonl"), err::toString);
    assertTrue(err.toString().contains(why), err::toString);
  }

  @Test
  void aMissingFileIsNamed() {
    assertEquals(1, replay(directory.resolve("none"), "--with", "maxReplicas: 4"));
    assertTrue(err.toString().startsWith("no such file: "), err::toString);
  }
}
