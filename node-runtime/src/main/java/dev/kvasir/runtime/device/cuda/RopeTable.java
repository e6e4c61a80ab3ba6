package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A rotary embedding's frequencies on the GPU. Those that depend on a sequence's length come over
 * with each step: the sets that its rows need, and which one each row turns by.
 */
final class RopeTable {
  private final Rope rope;
  private final StepArea.Part frequencies;
  private final StepArea.Part sets;
  private final int half;

  /**
   * @param area where its arrays are reserved
   */
  RopeTable(Rope rope, StepArea area, int rows) {
    this.rope = rope;
    this.half = rope.dimensions() / 2;
    boolean fixed = rope instanceof Rope.Fixed;
    frequencies = area.reserve(4L * half * (fixed ? 1 : rows));
    sets = fixed ? null : area.reserve(4L * rows);
  }

  Rope rope() {
    return rope;
  }

  /**
   * @param padded rows of the step, those of the plan and some that turn anyhow
   */
  void fill(StepPlan plan, int padded) {
    if (sets == null) {
      set(0, rope.frequencies(0));
      return;
    }
    int[] setOf = new int[plan.rows()];
    int set = -1;
    float[] current = null;
    for (int row = 0; row < setOf.length; row++) {
      if (row == 0 || plan.ropeLengths()[row] != plan.ropeLengths()[row - 1]) {
        float[] next = rope.frequencies(plan.ropeLengths()[row]);
        if (!Arrays.equals(next, current)) {
          set(++set, next);
          current = next;
        }
      }
      setOf[row] = set;
    }
    sets.set(setOf, setOf.length);
    sets.pad(setOf.length, padded, 0);
  }

  private void set(int index, float[] values) {
    MemorySegment to = frequencies.host(4L * half * (index + 1));
    MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT, 4L * half * index, half);
  }

  RopeKvWrite.Rotation rotation(DeviceBuffer queryNorm, DeviceBuffer keyNorm, float epsilon) {
    return new RopeKvWrite.Rotation(
        sets == null ? null : sets.device(),
        frequencies.device(),
        rope.dimensions(),
        false,
        rope.magnitude(),
        queryNorm,
        keyNorm,
        epsilon);
  }
}
