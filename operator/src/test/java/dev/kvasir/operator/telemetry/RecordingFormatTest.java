package dev.kvasir.operator.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.Replica;
import dev.kvasir.operator.scaling.ReplicaLoad;
import dev.kvasir.operator.scaling.TelemetrySnapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingFormatTest {
  private static final String SPEC =
      "{model: {uri: 'bundled://sample'}, scaling: {maxReplicas: 5}}";

  private static RecordedRound random(SplittableRandom random) {
    List<Replica> replicas = new ArrayList<>();
    for (int i = 0; i < random.nextInt(5); i++) {
      Replica.State state = List.of(Replica.State.values()).get(random.nextInt(4));
      Instant at = Instant.EPOCH.plusMillis(random.nextLong(1L << 40));
      replicas.add(new Replica("pod-" + i, state, at, load(random), at.plusNanos(i)));
    }
    return new RecordedRound(
        new DeploymentKey("models", "llama"),
        random.nextBoolean() ? "" : "r1",
        random.nextInt(9),
        Capacity.measured(random.nextInt(2) * 9000.5, random.nextInt(2) * 800, 1e5),
        new TelemetrySnapshot(
            Instant.EPOCH.plusMillis(random.nextLong(1L << 40)),
            replicas,
            random.nextInt(3),
            random.nextDouble() * 1000));
  }

  private static Optional<ReplicaLoad> load(SplittableRandom random) {
    return random.nextBoolean()
        ? Optional.empty()
        : Optional.of(
            new ReplicaLoad(
                random.nextInt(9),
                random.nextDouble(),
                1e9 * random.nextDouble(),
                0,
                random.nextInt(9) == 0 ? -1 : random.nextInt(100_000),
                random.nextDouble() / 3,
                7,
                random.nextInt(9),
                random.nextDouble()));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    for (long seed = 0; seed < 500; seed++) {
      RecordedRound round = random(new SplittableRandom(seed));
      boolean valid =
          round.snapshot().replicas().stream()
              .flatMap(replica -> replica.load().stream())
              .allMatch(load -> load.kvCapacityTokens() >= 0);
      String line = RecordingFormat.write(round);
      if (valid) {
        assertEquals(round, RecordingFormat.read(line), "seed " + seed);
      } else {
        assertThrows(IllegalArgumentException.class, () -> RecordingFormat.read(line));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '^',
      delimiter = '|',
      value = {
        "time\":\"2026 | time\":\"x2026 | is no time such as",
        "replicas\":3 | replicas\":null | replicas: Cannot map `null` into type `int`",
        "replicas\":3 | replicaz\":3 | Missing creator property 'replicas'",
        "held\":0.0 | held\":-1 | a number of the round is -1.0: it must be finite and at least 0",
        "held\":0.0 | held\":0.0,\"held\":1.0 | Duplicate",
        "running\":4.0 | running\":\"NaN\" | a number of pod pod-10.0.0.1 is NaN",
        "SERVING | SLEEPING | SLEEPING",
        "\"pods\":[ | \"pods\":[null, | a pod is missing",
      })
  void whatIsWrongIsSaid(String what, String by, String message) throws Exception {
    RecordedRound round = recorded().getFirst();
    String line = RecordingFormat.write(round);
    assertTrue(line.contains(what), line);
    String broken = line.replace(what, by);
    RuntimeException refusal =
        assertThrows(IllegalArgumentException.class, () -> RecordingFormat.read(broken));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  private static List<RecordedRound> recorded() throws InterruptedException {
    TestingFleet fleet = new TestingFleet(SPEC);
    FleetTelemetry telemetry = fleet.telemetry;
    List<RecordedRound> rounds = new ArrayList<>();
    assertTrue(telemetry.recordings().add(TestingFleet.KEY, rounds::add));
    assertTrue(
        telemetry
            .recordings()
            .add(
                new DeploymentKey("models", "other"),
                round -> {
                  throw new AssertionError("not asked for");
                }));
    fleet.addPod("10.0.0.1");
    fleet.says("10.0.0.1", 4, 9, 4500, 0);
    fleet.tick();
    return rounds;
  }

  @Test
  void aListenerHearsWhatTheScalerDecidedOn() throws Exception {
    RecordedRound round = recorded().getFirst();
    assertEquals(3, round.replicas());
    assertEquals(1000, round.measured().promptTokensPerSecond());
    assertEquals(
        4500, round.snapshot().replicas().getFirst().load().orElseThrow().waitingPromptTokens());
    assertEquals("r1", round.revision());
  }

  @Test
  void listenersAreFewAndMayLeaveTwice() {
    Recordings recordings = new Recordings();
    List<Consumer<RecordedRound>> all = new ArrayList<>();
    for (int i = 0; i < Recordings.MOST; i++) {
      List<RecordedRound> own = new ArrayList<>();
      all.add(own::add);
      assertTrue(recordings.add(TestingFleet.KEY, all.getLast()));
    }
    assertFalse(recordings.add(TestingFleet.KEY, round -> {}));
    recordings.remove(all.getFirst());
    recordings.remove(all.getFirst());
    assertTrue(recordings.add(TestingFleet.KEY, round -> {}));
    assertFalse(recordings.add(TestingFleet.KEY, round -> {}));
  }
}
