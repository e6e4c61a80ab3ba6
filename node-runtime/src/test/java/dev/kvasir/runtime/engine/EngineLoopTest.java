package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.scheduler.RotationRule;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.TestingModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EngineLoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final EngineLimits LIMITS = limits(64, 4000, 16, 100);

  /** For a {@link TestingDevice}. */
  private static final EngineLimits DEEP = new EngineLimits(50, 400, 32, 48, 300, 16, 60);

  @Test
  void twoHundredStreamsGiveWhatEachGivesAlone() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    try (EngineLoop engine = loop(limits(48, 1000, 300, 120), executor(120))) {
      List<int[]> prompts = new ArrayList<>();
      List<GenerationStream> streams = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        prompts.add(random.ints(random.nextInt(1, 150), 0, 400).toArray());
        streams.add(engine.submit(request(prompts.get(i), 100)));
      }
      for (int i = 0; i < 200; i++) {
        int[] expected = TestingModel.expected(prompts.get(i), 100, 400);
        assertArrayEquals(expected, tokens(streams.get(i)), "stream " + i);
      }
      eventually(() -> engine.stats().usedBlocks() == 0);
      assertTrue(engine.stats().preemptions() > 0, "the pool was meant to be too small");
      assertEquals(0, engine.stats().lastStepAgeSeconds());
    }
  }

  @Test
  void warmingUpTouchesNoBlockAndDelaysNobody() throws Exception {
    TestingExecutor executor = new TestingExecutor(LIMITS);
    try (EngineLoop engine = new EngineLoop(LIMITS, executor, WarmUp.of(LIMITS, executor))) {
      assertArrayEquals(
          TestingModel.expected(new int[] {5, 6}, 30, 400),
          tokens(engine.submit(request(new int[] {5, 6}, 30))));
      eventually(() -> engine.stats().usedBlocks() == 0);
      assertEquals(30, engine.stats().steps());
    }
  }

  @Test
  void measuringDelaysARequestByOneStepAndLeavesNoTrace() throws Exception {
    for (int depth = 1; depth <= 2; depth++) {
      TestingDevice device = new TestingDevice(DEEP, depth, RotationRule.FIXED, 7);
      InterruptedMeasure executor = new InterruptedMeasure(device);
      LongSupplier fastClock = () -> 200 * System.nanoTime();
      try (EngineLoop engine = new EngineLoop(DEEP, executor, WarmUp.none(), fastClock)) {
        executor.engine = engine;
        int[] alone = tokens(engine.submit(request(new int[] {5, 6}, 30)));
        assertEquals(Optional.empty(), engine.capacity());

        engine.measureCapacity();
        eventually(() -> executor.stream != null);

        assertArrayEquals(alone, tokens(executor.stream));
        // A request wakes it from its rests, whose length the real clock has.
        int requests = 2;
        while (engine.capacity().isEmpty()) {
          assertArrayEquals(alone, tokens(engine.submit(request(new int[] {5, 6}, 30))));
          requests++;
        }
        assertTrue(executor.next, "a step of the measure came before the request's");
        assertEquals(30L * requests, engine.stats().steps());
        assertEquals(0, engine.stats().usedBlocks());
        assertTrue(engine.capacity().orElseThrow().promptTokensPerSecond() > 0);
      }
    }
  }

  /** In the third step of a measure a request arrives; the next step has to be the request's. */
  private static final class InterruptedMeasure implements StepExecutor {
    private final StepExecutor device;
    private int steps;
    private volatile Engine engine;
    private volatile GenerationStream stream;
    private volatile boolean next;

    InterruptedMeasure(StepExecutor device) {
      this.device = device;
    }

    @Override
    public int depth() {
      return device.depth();
    }

    @Override
    public StepHandle execute(StepPlan plan, boolean drawsLater) {
      boolean measures = plan.groups().getFirst().slotMapping()[0] < DEEP.blockSize();
      if (stream == null && measures && ++steps == 3) {
        try {
          stream = engine.submit(request(new int[] {5, 6}, 30));
        } catch (RequestRejectedException e) {
          throw new IllegalStateException(e);
        }
      } else if (stream != null && steps == 3) {
        next = !measures;
        steps++;
      }
      return device.execute(plan, drawsLater);
    }

    @Override
    public void close() {
      device.close();
    }
  }

  @Test
  void aStopTokenEndsTheStreamAndIsItsLast() throws Exception {
    int[] prompt = {1, 2, 3};
    int[] free = TestingModel.expected(prompt, 20, 400);
    try (EngineLoop engine = engine()) {
      GenerationRequest request =
          new GenerationRequest("r", prompt, SamplingParameters.greedy(), 20, Set.of(free[6]));
      GenerationStream stream = engine.submit(request);

      int[] found = tokens(stream);

      assertEquals(free[6], found[found.length - 1]);
      assertTrue(found.length <= 7);
    }
  }

  @Test
  void cancellingFreesTheBlocks() throws Exception {
    try (EngineLoop engine = engine()) {
      GenerationStream stream = engine.submit(request(new int[] {1}, 900));
      assertNotNull(stream.next(PATIENCE));

      stream.cancel();

      assertEquals(FinishReason.ABORT, finished(stream).reason());
      eventually(() -> engine.stats().usedBlocks() == 0);
      stream.cancel();
    }
  }

  @Test
  void aStalledReaderIsCutAndOthersGoOn() throws Exception {
    EngineLimits limits = limits(64, 4000, 16, 400);
    try (EngineLoop engine = loop(limits, executor(400))) {
      GenerationStream stalled = engine.submit(request(new int[] {1}, 3000));
      GenerationStream other = engine.submit(request(new int[] {2}, 500));

      assertEquals(500, tokens(other).length);
      eventually(() -> engine.stats().running() == 0);

      GenerationEvent.Finished end = finished(stalled);
      assertEquals(FinishReason.ABORT, end.reason());
      assertTrue(end.message().contains("fell 1024 tokens behind"), end.message());
    }
  }

  @Test
  void logitsThatAreNoNumbersFailTheirRequestAlone() throws Exception {
    try (EngineLoop engine = engine()) {
      GenerationStream bad = engine.submit(request(new int[] {TestingExecutor.NAN_TOKEN}, 5));
      GenerationStream good = engine.submit(request(new int[] {7}, 50));

      assertEquals(FinishReason.ERROR, finished(bad).reason());
      assertEquals(50, tokens(good).length);
    }
  }

  @Test
  void aFailedStepFailsItsRequestsAndTheEngineGoesOn() throws Exception {
    try (EngineLoop engine = engine()) {
      GenerationStream bad = engine.submit(request(new int[] {TestingExecutor.POISON_TOKEN}, 5));
      GenerationEvent.Finished end = finished(bad);

      assertEquals(FinishReason.ERROR, end.reason());
      assertTrue(end.message().contains("poisoned"), end.message());
      assertEquals(50, tokens(engine.submit(request(new int[] {7}, 50))).length);
      assertEquals(1, engine.stats().failedSteps());
      assertNull(engine.stats().failure());
      eventually(() -> engine.stats().usedBlocks() == 0);
    }
  }

  @Test
  void whatAFailedStepWasToWriteIsNeverUsed() throws Exception {
    int[] poisoned = IntStream.rangeClosed(1, 50).toArray();
    poisoned[49] = TestingExecutor.POISON_TOKEN;
    int[] good = IntStream.rangeClosed(1, 50).toArray();
    try (EngineLoop engine = engine()) {
      finished(engine.submit(request(poisoned, 5)));

      assertArrayEquals(
          TestingModel.expected(good, 20, 400), tokens(engine.submit(request(good, 20))));
      assertEquals(0, engine.stats().prefixHits());
    }
  }

  @Test
  void aPrefixThatIsCachedIsCountedOnceAndChangesNothing() throws Exception {
    int[] prompt = IntStream.rangeClosed(1, 70).toArray();
    int[] expected = TestingModel.expected(prompt, 30, 400);
    try (EngineLoop engine = engine()) {
      GenerationStream miss = engine.submit(request(prompt, 30));
      assertArrayEquals(expected, tokens(miss));
      GenerationStream hit = engine.submit(request(prompt, 30));
      assertArrayEquals(expected, tokens(hit));

      assertEquals(0, miss.cachedPromptTokens());
      assertEquals(64, hit.cachedPromptTokens());
      eventually(() -> engine.stats().usedBlocks() == 0);
      assertEquals(140, engine.stats().prefixQueries());
      assertEquals(64, engine.stats().prefixHits());
      // 99 tokens have keys and values: six full blocks.
      assertEquals(6, engine.stats().cachedBlocks());
      assertEquals(0, engine.stats().kvUsage());
    }
  }

  @Test
  void anEngineWhoseStepsKeepFailingStopsAndSaysSo() throws Exception {
    try (EngineLoop engine = engine()) {
      for (int i = 0; i < 3; i++) {
        finished(engine.submit(request(new int[] {TestingExecutor.POISON_TOKEN}, 5)));
      }
      eventually(() -> engine.stats().failure() != null);

      RequestRejectedException refusal =
          assertThrows(
              RequestRejectedException.class, () -> engine.submit(request(new int[] {1}, 5)));

      assertEquals(Reason.UNAVAILABLE, refusal.reason());
      assertTrue(refusal.getMessage().contains("3 steps in a row"), refusal.getMessage());
    }
  }

  @Test
  void aDeadThreadIsNotSilent() throws Exception {
    try (EngineLoop engine = engine()) {
      GenerationStream other = engine.submit(request(new int[] {1}, 900));
      GenerationStream bad = engine.submit(request(new int[] {TestingExecutor.DEADLY_TOKEN}, 5));

      assertEquals(FinishReason.ERROR, finished(bad).reason());
      assertEquals(FinishReason.ERROR, finished(other).reason());
      assertTrue(engine.stats().failure().contains("deadly"), engine.stats().failure());
    }
  }

  @Test
  void requestsThatCanNeverBeServedAreRefusedAtOnce() throws Exception {
    try (EngineLoop engine = loop(limits(64, 1000, 16, 10), executor(10))) {
      assertRefused(engine, Reason.INVALID, request(new int[0], 5));
      assertRefused(engine, Reason.INVALID, request(new int[] {-1}, 5));
      assertRefused(engine, Reason.INVALID, request(new int[] {TestingExecutor.VOCABULARY}, 5));
      assertRefused(engine, Reason.INVALID, request(new int[] {1}, -1));
      assertRefused(engine, Reason.CONTEXT_LENGTH_EXCEEDED, request(new int[] {1}, 1000));
      assertRefused(
          engine, Reason.CONTEXT_LENGTH_EXCEEDED, request(new int[] {1}, Integer.MAX_VALUE));
      // Shorter than the model allows, longer than 10 blocks of 16.
      assertRefused(engine, Reason.CONTEXT_LENGTH_EXCEEDED, request(new int[] {1}, 160));
      assertEquals(159, tokens(engine.submit(request(new int[] {1}, 159))).length);
    }
  }

  @Test
  void aFullQueueRefusesAndTakesAgainLater() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    EngineLimits limits = new EngineLimits(TestingExecutor.VOCABULARY, 1000, 1, 64, 3, 16, 100);
    try (EngineLoop engine = loop(limits, new TestingExecutor(limits, gate))) {
      List<GenerationStream> streams = new ArrayList<>();
      streams.add(engine.submit(request(new int[] {1}, 5)));
      // The first leaves the queue when a step takes it up, which the gate then holds.
      for (int i = 0; i < 100 && streams.size() < 4; i++) {
        try {
          streams.add(engine.submit(request(new int[] {1}, 5)));
        } catch (RequestRejectedException e) {
          Thread.sleep(10);
        }
      }
      assertEquals(4, streams.size());
      assertRefused(engine, Reason.QUEUE_FULL, request(new int[] {1}, 5));

      gate.countDown();
      for (GenerationStream stream : streams) {
        assertEquals(5, tokens(stream).length);
      }
      assertEquals(5, tokens(engine.submit(request(new int[] {1}, 5))).length);
    }
  }

  @Test
  void theAgeOfTheLastStepGrowsWhileWorkWaitsAndNothingEnds() throws Exception {
    AtomicLong now = new AtomicLong();
    CountDownLatch gate = new CountDownLatch(1);
    TestingExecutor executor = new TestingExecutor(LIMITS, gate);
    try (EngineLoop engine = new EngineLoop(LIMITS, executor, WarmUp.none(), now::get)) {
      now.addAndGet(1_000_000_000_000L);
      assertEquals(0, engine.stats().lastStepAgeSeconds(), "idle");
      GenerationStream stream = engine.submit(request(new int[] {1}, 5));
      eventually(() -> engine.stats().running() + engine.stats().waiting() == 1);
      now.addAndGet(61_000_000_000L);
      engine.submit(request(new int[] {2}, 5));
      assertEquals(61, engine.stats().lastStepAgeSeconds(), 1e-6);

      gate.countDown();

      assertEquals(5, tokens(stream).length);
      eventually(() -> engine.stats().lastStepAgeSeconds() == 0);
    }
  }

  @Test
  void twoHundredStreamsGiveTheSameOnADeviceOfDepthTwo() throws Exception {
    SplittableRandom random = new SplittableRandom(12);
    EngineLimits limits = new EngineLimits(50, 400, 32, 48, 300, 16, 60);
    List<int[]> prompts = new ArrayList<>();
    List<List<int[]>> found = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      prompts.add(random.ints(random.nextInt(1, 60), 0, 50).toArray());
    }
    for (int depth = 1; depth <= 2; depth++) {
      TestingDevice device = new TestingDevice(limits, depth, RotationRule.FIXED, 1);
      try (EngineLoop engine = new EngineLoop(limits, device, WarmUp.none())) {
        List<GenerationStream> streams = new ArrayList<>();
        for (int[] prompt : prompts) {
          streams.add(engine.submit(request(prompt, 40)));
        }
        List<int[]> outputs = new ArrayList<>();
        for (GenerationStream stream : streams) {
          outputs.add(tokensUpTo(stream));
        }
        found.add(outputs);
        eventually(() -> engine.stats().usedBlocks() == 0);
        assertTrue(engine.stats().preemptions() > 0, "the pool was meant to be too small");
      }
    }
    for (int i = 0; i < 200; i++) {
      assertArrayEquals(found.get(0).get(i), found.get(1).get(i), "stream " + i);
    }
  }

  @Test
  void aStepThatFailsTakesTheOneAfterItAlong() throws Exception {
    TestingDevice device = new TestingDevice(DEEP, 2, RotationRule.FIXED, 3);
    device.failAt(4, false);
    try (EngineLoop engine = new EngineLoop(DEEP, device, WarmUp.none())) {
      GenerationStream bad = engine.submit(request(new int[] {1, 2}, 30));
      GenerationEvent.Finished end = finished(bad);
      assertEquals(FinishReason.ERROR, end.reason());
      assertTrue(end.message().contains("failing as told"), end.message());

      assertEquals(30, tokens(engine.submit(request(new int[] {1, 2}, 30))).length);

      assertEquals(1, engine.stats().failedSteps());
      assertNull(engine.stats().failure());
      eventually(() -> engine.stats().usedBlocks() == 0);
    }
  }

  @Test
  void aDeviceThatIsLostStopsTheEngineAtOnce() throws Exception {
    TestingDevice device = new TestingDevice(DEEP, 2, RotationRule.FIXED, 3);
    device.failAt(4, true);
    List<String> told = new CopyOnWriteArrayList<>();
    try (EngineLoop engine = new EngineLoop(DEEP, device, WarmUp.none())) {
      engine.addListener(
          new EngineListener() {
            @Override
            public void onStep(int rows, int promptTokens, int outputTokens) {}

            @Override
            public void onFinished(RequestReport report) {}

            @Override
            public void onFailed(String why) {
              told.add(why);
            }
          });
      assertEquals(
          FinishReason.ERROR, finished(engine.submit(request(new int[] {1, 2}, 30))).reason());
      eventually(() -> !told.isEmpty());

      assertEquals(
          "waiting for the device: it fell off the bus (in a step of 1 rows of 1 sequences)",
          told.getFirst());
      assertRefused(engine, Reason.UNAVAILABLE, request(new int[] {1}, 5));
    }
  }

  @Test
  void closingEndsWhatRunsAndWhatWaits() throws Exception {
    TestingExecutor executor = executor(40);
    EngineLoop engine = loop(limits(4, 4000, 16, 40), executor);
    List<GenerationStream> streams = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      streams.add(engine.submit(request(new int[] {1}, 600)));
    }
    engine.close();

    for (GenerationStream stream : streams) {
      assertEquals(FinishReason.ABORT, finished(stream).reason());
    }
    assertTrue(executor.closed);
    assertRefused(engine, Reason.UNAVAILABLE, request(new int[] {1}, 5));
  }

  @Test
  void listenersHearOfStepsAndEnds() throws Exception {
    List<EngineListener.RequestReport> reports = new CopyOnWriteArrayList<>();
    int[] sums = new int[2];
    try (EngineLoop engine = engine()) {
      engine.addListener(
          new EngineListener() {
            @Override
            public void onStep(int rows, int promptTokens, int outputTokens) {
              sums[0] += promptTokens;
              sums[1] += outputTokens;
            }

            @Override
            public void onFinished(RequestReport report) {
              reports.add(report);
            }
          });
      tokens(engine.submit(request(new int[] {1, 2, 3}, 9)));
      eventually(() -> reports.size() == 1);
    }
    assertArrayEquals(new int[] {3, 9}, sums);
    EngineListener.RequestReport report = reports.getFirst();
    assertEquals(FinishReason.LENGTH, report.reason());
    assertEquals(9, report.outputTokens());
    assertTrue(report.arrived() <= report.scheduled());
    assertTrue(report.scheduled() <= report.firstToken());
    assertTrue(report.firstToken() <= report.lastToken());
  }

  private static EngineLoop loop(EngineLimits limits, TestingExecutor executor) {
    return new EngineLoop(limits, executor, WarmUp.none());
  }

  private static EngineLoop engine() {
    return loop(LIMITS, new TestingExecutor(LIMITS));
  }

  private static EngineLimits limits(int budget, int maxModelLen, int maxWaiting, int blocks) {
    return new EngineLimits(
        TestingExecutor.VOCABULARY, maxModelLen, 32, budget, maxWaiting, 16, blocks);
  }

  private static TestingExecutor executor(int blocks) {
    return new TestingExecutor(limits(64, 4000, 16, blocks));
  }

  private static GenerationRequest request(int[] prompt, int maxTokens) {
    return new GenerationRequest("r", prompt, SamplingParameters.greedy(), maxTokens, Set.of());
  }

  private static int[] tokens(GenerationStream stream) throws InterruptedException {
    List<Integer> ids = new ArrayList<>();
    while (true) {
      switch (stream.next(PATIENCE)) {
        case GenerationEvent.Token token -> ids.add(token.id());
        case GenerationEvent.Prompt scored -> throw new AssertionError(scored);
        case GenerationEvent.HiddenState state -> throw new AssertionError(state);
        case GenerationEvent.Finished end -> {
          assertNull(end.message());
          return ids.stream().mapToInt(Integer::intValue).toArray();
        }
        case null -> throw new AssertionError("no event came in " + PATIENCE);
      }
    }
  }

  /** The tokens of a stream that may end with an error. */
  private static int[] tokensUpTo(GenerationStream stream) throws InterruptedException {
    List<Integer> ids = new ArrayList<>();
    GenerationEvent event = stream.next(PATIENCE);
    while (event instanceof GenerationEvent.Token token) {
      ids.add(token.id());
      event = stream.next(PATIENCE);
    }
    assertTrue(event instanceof GenerationEvent.Finished, String.valueOf(event));
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static GenerationEvent.Finished finished(GenerationStream stream)
      throws InterruptedException {
    while (true) {
      switch (stream.next(PATIENCE)) {
        case GenerationEvent.Token token -> {}
        case GenerationEvent.Prompt scored -> throw new AssertionError(scored);
        case GenerationEvent.HiddenState state -> throw new AssertionError(state);
        case GenerationEvent.Finished end -> {
          return end;
        }
        case null -> throw new AssertionError("no event came in " + PATIENCE);
      }
    }
  }

  private static void assertRefused(EngineLoop engine, Reason reason, GenerationRequest request) {
    RequestRejectedException refusal =
        assertThrows(RequestRejectedException.class, () -> engine.submit(request));
    assertEquals(reason, refusal.reason(), refusal.getMessage());
  }

  private static void eventually(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not come true in " + PATIENCE);
      Thread.sleep(5);
    }
  }
}
