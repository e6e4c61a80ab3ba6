package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.cpu.HostSampler;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Draws a step's tokens on the GPU. Where a row wants more than the kernel can (log-probabilities,
 * penalties, masks, hidden states), all of the step's logits go to the host, which samples them.
 */
final class SampleOp implements AutoCloseable {
  private final Stream stream;
  private final Sample kernel;
  private final HostSampler onHost = new HostSampler();
  private final DeviceBuffer tokens;
  private final PinnedMemory hostTokens;
  private final Event done = new Event();

  SampleOp(KernelModules modules, DeviceMemory memory, Stream stream, int rows) {
    this.stream = stream;
    kernel = new Sample(modules);
    tokens = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * rows);
    hostTokens = PinnedMemory.allocate(4L * rows);
  }

  StepHandle run(
      CudaBuffer hidden, CudaBuffer logits, SampledRows rows, Sample.Parameters parameters) {
    for (int row = 0; row < rows.count(); row++) {
      if (!isPlain(rows, row)) {
        StepResult result = onHost(hidden, logits, rows);
        return () -> result;
      }
    }
    if (rows.count() > 0) {
      kernel.run(logits.data(), rows.count(), logits.columns(), parameters, tokens, stream);
      stream.download(tokens.slice(0, 4L * rows.count()), hostTokens);
    }
    done.record(stream);
    return () -> drawn(rows.count());
  }

  private static boolean isPlain(SampledRows rows, int row) {
    boolean cutByMinP = rows.minP()[row] > 0 && rows.temperatures()[row] > 0;
    return rows.draws(row) && !rows.adjusts(row) && rows.topLogprobs()[row] < 0 && !cutByMinP;
  }

  private StepResult drawn(int count) {
    done.await();
    StepResult result = StepResult.ofRows(count);
    MemorySegment.copy(hostTokens.segment(), ValueLayout.JAVA_INT, 0, result.tokens(), 0, count);
    Arrays.fill(result.logprobs(), Float.NaN);
    return result;
  }

  private StepResult onHost(CudaBuffer hidden, CudaBuffer logits, SampledRows rows) {
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

  @Override
  public void close() {
    hostTokens.close();
    done.close();
  }
}
