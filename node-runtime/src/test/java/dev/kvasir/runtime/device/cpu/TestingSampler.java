package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.SplittableRandom;

/** The CPU's sampling, with all it keeps by slot, over logits that a number stands for. */
public final class TestingSampler {
  private final SampleOp op = new SampleOp(1);
  private final int vocabulary;

  public TestingSampler(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** One number in so many makes logits that are none. */
  private static final int ONE_IN = 400;

  public StepResult draw(int[] values, SampledRows rows) {
    CpuBuffer logits = new CpuBuffer(values.length, vocabulary);
    logits.setRows(values.length);
    for (int row = 0; row < values.length; row++) {
      fill(logits.data(), row * vocabulary, values[row]);
    }
    op.begin(logits, logits, rows);
    for (int row = 0; row < values.length; row++) {
      op.run(0, row);
    }
    return op.result();
  }

  private void fill(float[] logits, int from, int value) {
    SplittableRandom random = new SplittableRandom(value);
    for (int id = 0; id < vocabulary; id++) {
      logits[from + id] = 6 * (float) random.nextDouble();
    }
    if (Math.floorMod(value, ONE_IN) == 0) {
      logits[from] = Float.NaN;
    }
  }
}
