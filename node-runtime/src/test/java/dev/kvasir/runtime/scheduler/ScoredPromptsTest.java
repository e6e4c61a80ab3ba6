package dev.kvasir.runtime.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.kvcache.KvCacheManager;
import dev.kvasir.runtime.kvcache.PoolSize;
import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows of logits are bounded, and each prompt position that is to be scored is, once. */
class ScoredPromptsTest {
  private static final int BLOCK_SIZE = 4;

  static List<Long> seeds() {
    return new SplittableRandom(9).longs(60, 0, 1_000_000).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyPositionIsScoredOnceWithinTheBound(long seed) {
    new Simulation(seed).run();
  }

  private static final class Simulation {
    private final String message;
    private final SplittableRandom random;
    private final int maxSampledRows;
    private final Scheduler scheduler;
    private final List<Sequence> sequences = new ArrayList<>();
    private final Map<Sequence, List<Integer>> scored = new HashMap<>();
    private final Map<Sequence, int[]> prompts = new HashMap<>();

    /** What a device would count for each slot. */
    private final Map<Integer, List<Integer>> counted = new HashMap<>();

    Simulation(long seed) {
      message = "seed " + seed;
      random = new SplittableRandom(seed);
      int maxRunning = random.nextInt(1, 6);
      maxSampledRows = maxRunning + random.nextInt(4);
      scheduler =
          new Scheduler(
              new SchedulerLimits(random.nextInt(1, 30), maxRunning, maxSampledRows),
              new KvCacheManager(
                  List.of(new PoolSize(0, random.nextInt(10, 24))),
                  BLOCK_SIZE,
                  random.nextBoolean()));
      for (int i = 0; i < 12; i++) {
        add();
      }
    }

    private void add() {
      // Few different prompts, so that their beginnings are cached.
      int[] prompt = new int[random.nextInt(1, 24)];
      for (int i = 0; i < prompt.length; i++) {
        prompt[i] = i % 3;
      }
      SamplingParameters sampling = SamplingParameters.greedy();
      if (random.nextBoolean()) {
        sampling = sampling.withPromptLogprobs(random.nextInt(3));
      }
      if (random.nextBoolean()) {
        sampling = sampling.withPenalties(new Penalties(1.1, 0, 0));
      }
      boolean hidden = random.nextInt(4) == 0;
      Sequence sequence =
          new Sequence(prompt, sampling, hidden ? 0 : random.nextInt(0, 12), hidden, "");
      sequences.add(sequence);
      prompts.put(sequence, prompt);
      scored.put(sequence, new ArrayList<>());
      scheduler.submit(sequence);
    }

    void run() {
      for (int i = 0; i < 20_000 && scheduler.hasWork(); i++) {
        step();
        scheduler.checkIntegrity();
      }
      for (Sequence sequence : sequences) {
        assertEquals(Sequence.State.FINISHED, sequence.state(), message);
        int[] prompt = prompts.get(sequence);
        boolean wanted = sequence.sampling().promptLogprobs() >= 0;
        List<Integer> expected = new ArrayList<>();
        for (int at = 1; wanted && at < prompt.length; at++) {
          expected.add(at - 1);
        }
        assertEquals(expected, scored.get(sequence), message);
      }
    }

    private void step() {
      PlannedStep step = scheduler.plan();
      assertNotNull(step, message);
      SampledRows rows = step.plan().sampled();
      assertTrue(rows.count() <= maxSampledRows, message);
      for (int i = 0; i < rows.count(); i++) {
        Sequence sequence = step.sampled().get(i);
        int position = step.plan().positions()[rows.rows()[i]];
        if (rows.draws(i)) {
          draw(rows, i, sequence);
        } else if (!rows.wantsHiddenState(i)) {
          assertEquals(prompts.get(sequence)[position + 1], rows.targets()[i], message);
          scored.get(sequence).add(position);
        } else {
          assertEquals(prompts.get(sequence).length - 1, position, message);
        }
      }
      step.sequences().stream().filter(s -> s.isWholeAt(s.computed())).forEach(scheduler::finish);
    }

    private void draw(SampledRows rows, int i, Sequence sequence) {
      int token = random.nextInt(50);
      if (rows.hasPenalties(i)) {
        checkCounted(rows, i, sequence);
        counted.get(rows.slots()[i]).add(token);
      }
      scheduler.append(sequence, token);
      if (sequence.reachedMaxTokens()) {
        scheduler.finish(sequence);
      }
    }

    /** The device's tokens of a slot are always all of the sequence's. */
    private void checkCounted(SampledRows rows, int i, Sequence sequence) {
      if (rows.histories()[i] != null) {
        List<Integer> history = new ArrayList<>();
        for (int token : rows.histories()[i]) {
          history.add(token);
        }
        counted.put(rows.slots()[i], history);
      }
      List<Integer> all = new ArrayList<>();
      for (int at = 0; at < sequence.length(); at++) {
        all.add(sequence.token(at));
      }
      assertEquals(all, counted.get(rows.slots()[i]), message);
      assertEquals(sequence.promptLength(), rows.promptLengths()[i], message);
    }
  }
}
