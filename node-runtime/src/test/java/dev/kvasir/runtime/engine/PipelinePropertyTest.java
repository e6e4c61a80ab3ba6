package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.grammar.GrammarSpec;
import dev.kvasir.runtime.grammar.Grammars;
import dev.kvasir.runtime.grammar.Vocabulary;
import dev.kvasir.runtime.kvcache.PoolSize;
import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.sampling.TokenRules;
import dev.kvasir.runtime.scheduler.RotationRule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A step planned while the one before it runs gives the tokens that it gives alone. */
class PipelinePropertyTest {
  private static final int VOCABULARY = 26;
  private static final int BLOCK = 4;
  private static final Grammars GRAMMARS = new Grammars(letters());

  private static Vocabulary letters() {
    byte[][] tokens = new byte[VOCABULARY][];
    Arrays.setAll(tokens, i -> String.valueOf((char) ('a' + i)).getBytes(StandardCharsets.UTF_8));
    return new Vocabulary(tokens);
  }

  static List<Long> seeds() {
    return new SplittableRandom(5).longs(150, 0, 1_000_000).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void twoStepsInFlightGiveTheTokensOfOne(long seed) throws Exception {
    Case workload = new Case(seed);
    Run alone = workload.run(1, 0);
    Run piped = workload.run(2, seed);

    for (int i = 0; i < workload.requests.size(); i++) {
      String message = "seed %d, request %d".formatted(seed, i);
      boolean cut = alone.cancelled[i] || piped.cancelled[i];
      if (!cut) {
        assertEquals(alone.ends.get(i), piped.ends.get(i), message);
      }
      // How far the scores of a prompt came before an error depends on its chunks.
      boolean partial = cut || alone.ends.get(i).reason() == FinishReason.ERROR;
      List<String> expected = alone.events.get(i);
      List<String> found = piped.events.get(i);
      int length = partial ? Math.min(expected.size(), found.size()) : found.size();
      assertEquals(
          partial ? expected.subList(0, length) : expected, found.subList(0, length), message);
    }
  }

  /** The cases hold what they are meant to. */
  @Test
  void theWorkloadsMeetWhatIsHard() throws Exception {
    int preemptions = 0;
    int hits = 0;
    int later = 0;
    int errors = 0;
    int stops = 0;
    for (long seed : seeds()) {
      Run run = new Case(seed).run(2, seed);
      assertEquals(2, run.device.mostInFlight);
      preemptions += (int) run.core.stats().preemptions();
      hits += (int) run.core.stats().prefixHits();
      later += run.device.drawnLater;
      for (GenerationEvent.Finished end : run.ends) {
        errors += end.reason() == FinishReason.ERROR ? 1 : 0;
        stops += end.reason() == FinishReason.STOP ? 1 : 0;
      }
    }
    String found = "%d %d %d %d %d".formatted(preemptions, hits, later, errors, stops);
    assertTrue(preemptions > 200 && hits > 2_000 && later > 2_000, found);
    assertTrue(errors > 40 && stops > 1_000, found);
  }

  /** Requests, when they come and when they are given up. */
  private static final class Case {
    private final SplittableRandom random;
    private final EngineLimits limits;
    private final RotationRule rotation;
    private final List<GenerationRequest> requests = new ArrayList<>();
    private final int[] arrivals;
    private final int[] cancellations;

    Case(long seed) throws Exception {
      random = new SplittableRandom(seed);
      limits = limits();
      rotation =
          random.nextInt(4) == 0
              ? new RotationRule(RotationRule.Kind.SWITCH_ALL, random.nextInt(5, 40))
              : RotationRule.FIXED;
      int count = 24;
      arrivals = random.ints(count, 0, 60).sorted().toArray();
      cancellations = new int[count];
      for (int i = 0; i < count; i++) {
        requests.add(request());
        cancellations[i] = random.nextInt(6) == 0 ? arrivals[i] + random.nextInt(1, 30) : -1;
      }
    }

    private EngineLimits limits() {
      List<PoolSize> pools = new ArrayList<>();
      pools.add(new PoolSize(0, random.nextInt(14, 22)));
      if (random.nextInt(3) == 0) {
        pools.add(new PoolSize(random.nextInt(1, 12), random.nextInt(8, 30)));
      }
      return new EngineLimits(
          VOCABULARY,
          60,
          random.nextInt(1, 12),
          random.nextInt(1, 30),
          100,
          BLOCK,
          pools,
          random.nextInt(5) > 0);
    }

    private GenerationRequest request() throws Exception {
      int[] prompt = new int[random.nextInt(1, 20)];
      for (int i = 0; i < prompt.length; i++) {
        prompt[i] = random.nextInt(6) == 0 ? random.nextInt(VOCABULARY) : 1;
      }
      if (random.nextInt(12) == 0) {
        return GenerationRequest.hiddenState("r", prompt, "");
      }
      int most = 56 - prompt.length;
      Set<Integer> stops = random.nextInt(2) == 0 ? Set.of(2, 3, 4) : Set.of();
      return new GenerationRequest(
          "r",
          prompt,
          sampling(stops),
          random.nextInt(8) == 0 ? random.nextInt(2) : random.nextInt(1, most),
          stops,
          false,
          "",
          random.nextInt(4) == 0 ? grammar() : null);
    }

    private Grammar grammar() throws Exception {
      String[] patterns = {"[a-f]{2,9}", "(abc|bcd|efg){1,5}", "[a-z]{1,40}z", "a{3}b{3}c{3}"};
      return GRAMMARS.compile(new GrammarSpec.Pattern(patterns[random.nextInt(patterns.length)]));
    }

    private SamplingParameters sampling(Set<Integer> stops) {
      SamplingParameters sampling =
          new SamplingParameters(
              random.nextInt(2),
              random.nextInt(2) == 0 ? 1 : 0.8,
              random.nextInt(3) == 0 ? 5 : 0,
              random.nextLong(),
              random.nextInt(3) == 0 ? 2 : SamplingParameters.NO_LOGPROBS);
      if (random.nextInt(3) == 0) {
        sampling = sampling.withPenalties(new Penalties(1.3, 0.5, 0.7));
      }
      if (random.nextInt(5) == 0) {
        sampling = sampling.withPromptLogprobs(1);
      }
      return sampling.withRules(rules(stops));
    }

    private TokenRules rules(Set<Integer> stops) {
      TokenRules rules = TokenRules.NONE;
      if (random.nextInt(4) == 0) {
        int[] ends = stops.stream().mapToInt(Integer::intValue).sorted().toArray();
        rules = rules.withMinTokens(random.nextInt(1, 8), ends);
      }
      if (random.nextInt(4) == 0) {
        int[][] words = new int[12][];
        Arrays.setAll(words, i -> random.ints(random.nextInt(1, 3), 0, VOCABULARY).toArray());
        rules = rules.withBadWords(words);
      }
      return rules;
    }

    Run run(int depth, long seed) throws Exception {
      return new Run(this, new TestingDevice(limits, depth, rotation, seed));
    }
  }

  /** A workload on an engine without its thread. */
  private static final class Run {
    private final TestingDevice device;
    private final EngineCore core;
    private final List<List<String>> events = new ArrayList<>();
    private final List<GenerationEvent.Finished> ends = new ArrayList<>();
    private final boolean[] cancelled;
    private int published;
    private int delivered;

    Run(Case workload, TestingDevice device) throws Exception {
      this.device = device;
      this.core = new EngineCore(workload.limits, device, () -> {});
      core.addListener(new Counter());
      int count = workload.requests.size();
      cancelled = new boolean[count];
      List<ActiveRequest> active = new ArrayList<>();
      for (int step = 0; step < 5000 && (active.size() < count || core.hasWork()); step++) {
        while (active.size() < count && workload.arrivals[active.size()] <= step) {
          active.add(new ActiveRequest(workload.requests.get(active.size()), VOCABULARY, 0));
          core.accept(active.getLast());
        }
        for (int i = 0; i < active.size(); i++) {
          if (workload.cancellations[i] == step) {
            core.cancel(active.get(i));
            cancelled[i] = true;
          }
        }
        if (core.hasWork()) {
          core.step();
        }
        core.checkIntegrity();
      }
      core.checkIntegrity();
      assertEquals(0, core.stats().usedBlocks());
      device.close();
      for (ActiveRequest request : active) {
        read(request.stream());
      }
      assertEquals(delivered, published, "tokens that steps report, and that streams get");
    }

    private void read(EngineStream stream) throws InterruptedException {
      List<String> mine = new ArrayList<>();
      events.add(mine);
      while (true) {
        GenerationEvent event = stream.next(Duration.ZERO);
        switch (event) {
          case GenerationEvent.Finished end -> {
            ends.add(end);
            return;
          }
          case GenerationEvent.Prompt scored -> {
            for (int i = 0; i < scored.ranks().length; i++) {
              mine.add(scored.tokens().get(i) + " " + scored.ranks()[i]);
            }
          }
          case GenerationEvent.HiddenState state -> mine.add(Arrays.toString(state.values()));
          case GenerationEvent.Token token -> {
            delivered++;
            mine.add(token.toString());
          }
        }
      }
    }

    private final class Counter implements EngineListener {
      @Override
      public void onStep(int rows, int promptTokens, int outputTokens) {
        published += outputTokens;
      }

      @Override
      public void onFinished(RequestReport report) {}
    }
  }
}
