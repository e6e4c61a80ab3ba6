package dev.kvasir.runtime.scheduler;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.kvcache.KvCacheManager;
import dev.kvasir.runtime.kvcache.PoolSize;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulerTest {
  private static final int BLOCK_SIZE = 4;
  private static final int VOCABULARY = 1000;

  @Test
  void aPromptLongerThanTheBudgetIsComputedInChunksAndSampledOnce() {
    Scheduler scheduler = scheduler(8, 4, 100);
    Sequence sequence = sequence(prompt(20), 2);
    scheduler.submit(sequence);

    List<Integer> rows = new ArrayList<>();
    List<Integer> sampled = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      PlannedStep step = scheduler.plan();
      rows.add(step.plan().rows());
      sampled.add(step.sampled().size());
    }

    assertEquals(List.of(8, 8, 4), rows);
    assertEquals(List.of(0, 0, 1), sampled);
  }

  @Test
  void aRunningSequenceKeepsItsTokenWhileALongPromptComesIn() {
    Scheduler scheduler = scheduler(8, 4, 100);
    Sequence first = sequence(prompt(3), 50);
    scheduler.submit(first);
    scheduler.append(scheduler.plan().sampled().getFirst(), 1);
    scheduler.submit(sequence(prompt(30), 5));

    StepPlan plan = scheduler.plan().plan();

    assertArrayEquals(new int[] {0, 1, 8}, plan.queryStarts());
  }

  @Test
  void theLatestArrivalGivesItsBlocksUp() {
    Scheduler scheduler = scheduler(64, 4, 4);
    Sequence early = sequence(prompt(8), 8);
    Sequence late = sequence(prompt(8), 8);
    scheduler.submit(early);
    scheduler.submit(late);
    scheduler.plan().sampled().forEach(s -> scheduler.append(s, 1));

    PlannedStep step = scheduler.plan();

    assertEquals(List.of(early), step.sequences());
    assertEquals(Sequence.State.WAITING, late.state());
    assertEquals(1, late.preemptions());
    assertEquals(0, late.computed());
    assertEquals(9, late.length());
    scheduler.checkIntegrity();
  }

  @Test
  void aPreemptedSequenceFindsItsOwnBlocksAndIsCountedOnce() {
    Scheduler scheduler = scheduler(64, 4, 5);
    Sequence early = sequence(prompt(8), 12);
    Sequence late = sequence(IntStream.range(50, 57).toArray(), 8);
    scheduler.submit(early);
    scheduler.submit(late);
    while (late.preemptions() == 0) {
      scheduler.plan().sampled().forEach(s -> scheduler.append(s, 1));
    }
    scheduler.finish(early);

    PlannedStep step = scheduler.plan();

    assertEquals(List.of(late), step.sequences());
    assertTrue(step.plan().positions()[0] > 0, "computed from the start again");
    assertEquals(0, step.promptTokens());
    assertEquals(0, late.cachedPromptTokens());
    assertEquals(15, scheduler.prefixQueries());
    assertEquals(0, scheduler.prefixHits());
  }

  @Test
  void equalPromptsOfOneStepAreComputedOnce() {
    Scheduler scheduler = scheduler(64, 4, 40);
    for (int i = 0; i < 3; i++) {
      scheduler.submit(sequence(prompt(14), 5));
    }

    PlannedStep step = scheduler.plan();

    assertEquals(14 + 2 + 2, step.plan().rows());
    assertEquals(3, step.sampled().size());
    assertEquals(42, scheduler.prefixQueries());
    assertEquals(24, scheduler.prefixHits());
  }

  @Test
  void aPromptThatIsScoredIsComputedWholeAndNotCountedAsLookedUp() {
    Scheduler scheduler = new Scheduler(new SchedulerLimits(64, 4, 64), cache(40));
    SamplingParameters scored = SamplingParameters.greedy().withPromptLogprobs(0);
    scheduler.submit(sequence(prompt(14), 5));
    scheduler.submit(new Sequence(prompt(14), scored, 5));

    PlannedStep step = scheduler.plan();

    assertEquals(14 + 14, step.plan().rows());
    assertEquals(1 + 14, step.sampled().size());
    assertEquals(14, scheduler.prefixQueries());
  }

  @Test
  void keysThatAreTurnedForAnotherLengthAreNotShared() {
    RotationRule rule = new RotationRule(RotationRule.Kind.PER_LENGTH, 10);
    Scheduler scheduler = new Scheduler(new SchedulerLimits(64, 4), cache(40), rule);
    List<Integer> cached = new ArrayList<>();
    for (int length : new int[] {9, 10, 12, 14, 14}) {
      Sequence sequence = sequence(prompt(length), 5);
      scheduler.submit(sequence);
      scheduler.plan();
      cached.add(sequence.cachedPromptTokens());
      scheduler.finish(sequence);
    }

    assertEquals(List.of(0, 8, 0, 0, 12), cached);
  }

  @Test
  void aNewcomerLeavesABlockForEachThatRuns() {
    Scheduler scheduler = scheduler(64, 4, 5);
    scheduler.submit(sequence(prompt(8), 8));
    scheduler.submit(sequence(IntStream.range(50, 62).toArray(), 8));

    assertEquals(1, scheduler.plan().sequences().size());
    assertEquals(1, scheduler.waiting());
  }

  @Test
  void aWindowLetsASequenceOutgrowThePool() {
    KvCacheManager cache = new KvCacheManager(List.of(new PoolSize(6, 4)), BLOCK_SIZE, true);
    Scheduler scheduler = new Scheduler(new SchedulerLimits(64, 4), cache);
    Sequence sequence = sequence(prompt(100), 50);
    scheduler.submit(sequence);

    while (!sequence.reachedMaxTokens()) {
      scheduler.plan().sampled().forEach(s -> scheduler.append(s, 1));
    }

    assertEquals(0, sequence.preemptions());
    assertTrue(cache.usedBlocks() <= 4);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aWindowsPoolOfFullSizeNeverRunsOut(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int window = random.nextInt(1, 40);
    int budget = random.nextInt(1, 60);
    int sequences = random.nextInt(1, 10);
    long most = PoolSize.most(window, sequences, 200, budget, BLOCK_SIZE);
    KvCacheManager cache =
        new KvCacheManager(
            List.of(new PoolSize(0, 51 * sequences), new PoolSize(window, (int) most)),
            BLOCK_SIZE,
            true);
    Scheduler scheduler = new Scheduler(new SchedulerLimits(budget, sequences), cache);
    for (int i = 0; i < 4 * sequences; i++) {
      int[] prompt = random.ints(random.nextInt(1, 150), 0, VOCABULARY).toArray();
      scheduler.submit(sequence(prompt, random.nextInt(1, 50)));
    }

    while (scheduler.hasWork()) {
      for (Sequence sampled : scheduler.plan().sampled()) {
        scheduler.append(sampled, 1);
        if (sampled.reachedMaxTokens()) {
          scheduler.finish(sampled);
        }
      }
      scheduler.checkIntegrity();
    }
    assertEquals(0, scheduler.preemptions(), "seed " + seed);
  }

  @Test
  void whatCouldNeverFitIsRefused() {
    Scheduler scheduler = scheduler(64, 4, 4);

    assertTrue(scheduler.couldEverFit(16));
    assertFalse(scheduler.couldEverFit(17));
    assertThrows(IllegalArgumentException.class, () -> scheduler.submit(sequence(prompt(10), 7)));
  }

  @Test
  void anEndedSequenceFreesItsBlocksWhereverItWas() {
    Scheduler scheduler = scheduler(64, 1, 10);
    Sequence running = sequence(prompt(8), 8);
    Sequence waiting = sequence(prompt(8), 8);
    scheduler.submit(running);
    scheduler.submit(waiting);
    scheduler.plan();

    scheduler.finish(running);
    scheduler.finish(waiting);
    scheduler.finish(waiting);

    assertFalse(scheduler.hasWork());
    scheduler.checkIntegrity();
  }

  @Test
  void aDeviceHearsOfEachBlockOnce() {
    Scheduler scheduler = scheduler(64, 1, 100);
    Sequence sequence = sequence(prompt(6), 40);
    scheduler.submit(sequence);
    int known = 0;
    for (int i = 0; i < 30; i++) {
      PlannedStep step = scheduler.plan();
      assertEquals(known, step.plan().groups().getFirst().newBlocksFrom()[0]);
      known = Math.ceilDiv(step.plan().sequenceLengths()[0], BLOCK_SIZE);
      scheduler.append(sequence, 1);
    }
  }

  static List<Long> seeds() {
    return new SplittableRandom(7).longs(40, 0, 1_000_000).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void randomArrivalsAllFinishWithTheirOwnTokens(long seed) {
    new Simulation(seed).run();
  }

  @Test
  void aSequenceThatOutgrowsItsRotationIsComputedAgainInPlace() {
    RotationRule rule = new RotationRule(RotationRule.Kind.SWITCH_ALL, 10);
    Scheduler scheduler = new Scheduler(new SchedulerLimits(64, 1), cache(9), rule);
    Sequence sequence = sequence(prompt(9), 8);
    scheduler.submit(sequence);
    List<Integer> rows = new ArrayList<>();
    List<Integer> longestRopes = new ArrayList<>();
    List<Long> classes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      PlannedStep step = scheduler.plan();
      rows.add(step.plan().rows());
      longestRopes.add(step.plan().ropeLengths()[0]);
      classes.add(rule.classOf(sequence.rotatedLength()));
      scheduler.append(sequence, 1);
      scheduler.checkIntegrity();
    }

    assertEquals(List.of(9, 1, 11, 1), rows);
    assertEquals(List.of(9, 10, 11, 12), longestRopes);
    assertEquals(List.of(0L, 0L, 1L, 1L), classes);
    assertEquals(0, sequence.preemptions());
  }

  @Test
  void whereLengthsDecideThePromptIsTurnedAsOneAndTheRestAsItComes() {
    RotationRule rule = new RotationRule(RotationRule.Kind.PER_LENGTH, 4);
    Scheduler scheduler = new Scheduler(new SchedulerLimits(4, 1), cache(9), rule);
    Sequence sequence = sequence(prompt(6), 8);
    scheduler.submit(sequence);
    List<Integer> ropes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      PlannedStep step = scheduler.plan();
      for (int length : step.plan().ropeLengths()) {
        ropes.add(length);
      }
      step.sampled().forEach(s -> scheduler.append(s, 1));
    }

    assertEquals(List.of(6, 6, 6, 6, 6, 6, 7, 8), ropes);
    assertEquals(6, rule.classOf(sequence.rotatedLength()));
    assertEquals(0, rule.classOf(4));
  }

  private static Scheduler scheduler(int budget, int running, int blocks) {
    return new Scheduler(new SchedulerLimits(budget, running), cache(blocks));
  }

  private static KvCacheManager cache(int blocks) {
    return new KvCacheManager(List.of(new PoolSize(0, blocks)), BLOCK_SIZE, true);
  }

  private static Sequence sequence(int[] prompt, int maxTokens) {
    return new Sequence(prompt, SamplingParameters.greedy(), maxTokens);
  }

  private static int[] prompt(int length) {
    int[] prompt = new int[length];
    for (int i = 0; i < length; i++) {
      prompt[i] = i + 1;
    }
    return prompt;
  }

  /** Requests that arrive at random steps, on a pool that is often too small for them. */
  private static final class Simulation {
    private final String message;
    private final SplittableRandom random;
    private final int budget;
    private final int maxRunning;
    private final List<PoolSize> pools = new ArrayList<>();
    private final KvCacheManager cache;
    private final Scheduler scheduler;
    private final TestingModel model;
    private final List<Request> requests = new ArrayList<>();
    private final int blocks;
    private int submitted;
    private int lastFirstScheduled = -1;

    private record Request(Sequence sequence, int[] prompt, int[] expected, List<Integer> got) {}

    Simulation(long seed) {
      message = "seed " + seed;
      random = new SplittableRandom(seed);
      budget = random.nextInt(1, 40);
      maxRunning = random.nextInt(1, 12);
      blocks = random.nextInt(8, 40);
      pools.add(new PoolSize(random.nextInt(3) == 0 ? random.nextInt(1, 30) : 0, blocks));
      while (random.nextInt(3) == 0) {
        pools.add(new PoolSize(random.nextInt(1, 12), random.nextInt(5, 40)));
      }
      cache = new KvCacheManager(pools, BLOCK_SIZE, random.nextInt(4) > 0);
      scheduler = new Scheduler(new SchedulerLimits(budget, maxRunning), cache);
      model = new TestingModel(pools, BLOCK_SIZE, VOCABULARY);
      for (int i = 0; i < 40; i++) {
        requests.add(request());
      }
    }

    private Request request() {
      int[] prompt = new int[random.nextInt(1, 20)];
      for (int i = 0; i < prompt.length; i++) {
        prompt[i] = random.nextInt(6) == 0 ? random.nextInt(VOCABULARY) : 1;
      }
      int tokens = random.nextInt(1, blocks * BLOCK_SIZE - prompt.length);
      while (!cache.couldEverHold(prompt.length + (long) tokens)) {
        tokens--;
      }
      return new Request(
          sequence(prompt, tokens),
          prompt,
          TestingModel.expected(prompt, tokens, VOCABULARY, pools),
          new ArrayList<>());
    }

    void run() {
      int bound = 40 * 40 * 200;
      for (int i = 0; i < bound && (submitted < requests.size() || scheduler.hasWork()); i++) {
        submitSome();
        if (scheduler.hasWork()) {
          step();
        }
        scheduler.checkIntegrity();
      }
      for (Request request : requests) {
        assertArrayEquals(
            request.expected(),
            request.got().stream().mapToInt(Integer::intValue).toArray(),
            message);
      }
      assertEquals(0, cache.usedBlocks(), message);
    }

    private void submitSome() {
      while (submitted < requests.size() && random.nextInt(6) == 0) {
        scheduler.submit(requests.get(submitted++).sequence());
      }
    }

    private void step() {
      PlannedStep step = scheduler.plan();
      assertNotNull(step, message);
      checkPlan(step);
      StepResult result = model.run(step.plan());
      for (int i = 0; i < step.sampled().size(); i++) {
        Sequence sequence = step.sampled().get(i);
        scheduler.append(sequence, result.tokens()[i]);
        requestOf(sequence).got().add(result.tokens()[i]);
        if (sequence.reachedMaxTokens()) {
          scheduler.finish(sequence);
        }
      }
    }

    private void checkPlan(PlannedStep step) {
      StepPlan plan = step.plan();
      assertTrue(plan.rows() > 0 && plan.rows() <= budget, message);
      assertTrue(plan.sequences() <= maxRunning, message);
      Set<Integer> slots = new HashSet<>();
      for (StepPlan.KvGroup group : plan.groups()) {
        slots.clear();
        for (int slot : group.slotMapping()) {
          assertTrue(slot >= BLOCK_SIZE, "row in the padding block, " + message);
          assertTrue(slots.add(slot), "two rows in one slot, " + message);
        }
      }
      Set<Integer> places = new HashSet<>();
      for (int slot : plan.sequenceSlots()) {
        assertTrue(slot >= 0 && slot < maxRunning && places.add(slot), message);
      }
      step.sequences().forEach(this::checkFairness);
    }

    /** Nobody is taken up for the first time before an earlier arrival. */
    private void checkFairness(Sequence sequence) {
      int index = requests.indexOf(requestOf(sequence));
      assertTrue(index <= lastFirstScheduled + 1, "overtaken by " + index + ", " + message);
      lastFirstScheduled = Math.max(lastFirstScheduled, index);
    }

    private Request requestOf(Sequence sequence) {
      return requests.stream().filter(r -> r.sequence().equals(sequence)).findFirst().orElseThrow();
    }
  }
}
