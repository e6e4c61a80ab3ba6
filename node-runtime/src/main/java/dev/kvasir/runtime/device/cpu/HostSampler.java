package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;

/** The CPU's sampling for logits that another device has brought to the host. For one thread. */
public final class HostSampler {
  private final SampleOp op = new SampleOp(1);

  /**
   * Samples all rows.
   *
   * @param hidden rows of the last hidden states; empty where no row wants its own
   * @param logits rows as wide as the vocabulary
   */
  public StepResult sample(
      float[] hidden, int hiddenSize, float[] logits, int vocabulary, SampledRows rows) {
    op.begin(CpuBuffer.of(hidden, hiddenSize), CpuBuffer.of(logits, vocabulary), rows);
    for (int row = 0; row < rows.count(); row++) {
      op.run(0, row);
    }
    return op.result();
  }
}
