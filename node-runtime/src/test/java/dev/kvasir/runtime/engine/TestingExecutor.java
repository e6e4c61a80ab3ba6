package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.StepResult;
import dev.kvasir.runtime.scheduler.TestingModel;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/** Runs plans on a {@link TestingModel}, and goes wrong where it is told to. */
final class TestingExecutor implements StepExecutor {
  static final int VOCABULARY = 500;

  /** A prompt that starts with this token gets logits that are no numbers. */
  static final int NAN_TOKEN = 499;

  /** A step that holds this token throws. */
  static final int POISON_TOKEN = 498;

  /** A step that holds this token dies with an error that no step survives. */
  static final int DEADLY_TOKEN = 497;

  private final TestingModel model;
  private final CountDownLatch gate;
  volatile boolean closed;

  TestingExecutor(EngineLimits limits) {
    this(limits, new CountDownLatch(0));
  }

  /** Holds every step until the gate opens. */
  TestingExecutor(EngineLimits limits, CountDownLatch gate) {
    this.model = new TestingModel(limits.pools(), limits.blockSize(), 400);
    this.gate = gate;
  }

  @Override
  public StepHandle execute(StepPlan plan, boolean drawsLater) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (holds(plan, POISON_TOKEN)) {
      throw new IllegalStateException("poisoned");
    }
    if (holds(plan, DEADLY_TOKEN)) {
      throw new AssertionError("deadly");
    }
    StepResult result = model.run(plan);
    for (int i = 0; i < plan.sampled().count(); i++) {
      if (plan.tokenIds()[plan.sampled().rows()[i]] == NAN_TOKEN) {
        result.tokens()[i] = StepResult.NOT_A_NUMBER;
      }
    }
    return () -> result;
  }

  private static boolean holds(StepPlan plan, int token) {
    return Arrays.stream(plan.tokenIds()).anyMatch(id -> id == token);
  }

  @Override
  public void close() {
    closed = true;
  }
}
