package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.cpu.HostSampler;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Draws a step's tokens on the GPU. Where a row wants more than the kernel can (log-probabilities,
 * penalties, masks, hidden states), all of the step's logits go to the host, which samples them.
 */
final class SampleOp {
  private final Stream stream;
  private final Sample kernel;
  private final HostSampler onHost = new HostSampler();

  SampleOp(KernelModules modules, Stream stream) {
    this.stream = stream;
    kernel = new Sample(modules);
  }

  /** Whether the kernel can draw all rows. */
  static boolean isPlain(SampledRows rows) {
    for (int row = 0; row < rows.count(); row++) {
      if (!isPlain(rows, row)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(SampledRows rows, int row) {
    boolean cutByMinP = rows.minP()[row] > 0 && rows.temperatures()[row] > 0;
    return rows.draws(row) && !rows.adjusts(row) && rows.topLogprobs()[row] < 0 && !cutByMinP;
  }

  /** Draws plain rows, as many as there are parameters for. */
  void onDevice(CudaBuffer logits, int rows, Sample.Parameters parameters, DeviceBuffer tokens) {
    if (rows > 0) {
      kernel.run(logits.data(), rows, logits.columns(), parameters, tokens, stream);
    }
  }

  StepResult onHost(CudaBuffer hidden, CudaBuffer logits, SampledRows rows) {
    stream.synchronize();
    int count = rows.count();
    boolean wantsHidden = false;
    for (int row = 0; row < count; row++) {
      wantsHidden |= rows.wantsHiddenState(row);
    }
    float[] states = wantsHidden ? bf16(hidden, count) : new float[0];
    float[] values =
        rows.needsLogits() ? float32(logits, count) : new float[count * logits.columns()];
    return onHost.sample(states, hidden.columns(), values, logits.columns(), rows);
  }

  private static float[] float32(CudaBuffer buffer, int rows) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = 4L * rows * buffer.columns();
      MemorySegment host = arena.allocate(bytes, 16);
      buffer.read().slice(0, bytes).read(host);
      return host.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static float[] bf16(CudaBuffer buffer, int rows) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = CudaBuffer.bf16Bytes(rows, buffer.columns());
      MemorySegment host = arena.allocate(bytes, 16);
      buffer.read().slice(0, bytes).read(host);
      float[] values = new float[rows * buffer.columns()];
      for (int i = 0; i < values.length; i++) {
        values[i] = Elements.fromBf16(host.getAtIndex(ValueLayout.JAVA_SHORT, i));
      }
      return values;
    }
  }
}
