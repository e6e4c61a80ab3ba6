package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A step's plan on the GPU: an array for each of its columns, at fixed addresses. A plan may be
 * padded with rows that see nothing, store nothing and whose tokens nobody keeps.
 */
final class StepInputs {
  private static final int NOWHERE = -1;

  private final StepArea.Part tokens;
  private final StepArea.Part positions;
  private final StepArea.Part rowSlots;
  private final SequenceInputs sequences;
  private final List<StepArea.Part> slotMappings = new ArrayList<>();
  private final List<RopeTable> ropes = new ArrayList<>();
  private final StepArea.Part sampledRows;
  private final StepArea.Part sampledSlots;

  StepInputs(StepArea area, int rows, int sampled, int groups, Collection<Rope> ropes) {
    tokens = area.reserve(4L * rows);
    positions = area.reserve(4L * rows);
    rowSlots = area.reserve(4L * rows);
    sequences = new SequenceInputs(area, rows);
    for (int group = 0; group < groups; group++) {
      slotMappings.add(area.reserve(4L * rows));
    }
    sampledRows = area.reserve(4L * sampled);
    sampledSlots = area.reserve(4L * sampled);
    ropes.forEach(rope -> this.ropes.add(new RopeTable(rope, area, rows)));
  }

  /**
   * @param rows of the plan, padding included, and {@code sampled} of those to sample
   */
  void set(StepPlan plan, int rows, int sampled) {
    int count = plan.rows();
    tokens.set(plan.tokenIds(), count);
    tokens.pad(count, rows, 0);
    positions.set(plan.positions(), count);
    positions.pad(count, rows, 0);
    setSlots(plan, rows);
    sequences.set(plan, rows);
    for (int group = 0; group < slotMappings.size(); group++) {
      slotMappings.get(group).set(plan.groups().get(group).slotMapping(), count);
      slotMappings.get(group).pad(count, rows, NOWHERE);
    }
    for (RopeTable rope : ropes) {
      rope.fill(plan, rows);
    }
    setSampled(plan.sampled(), sampled);
  }

  private void setSlots(StepPlan plan, int rows) {
    MemorySegment slots = rowSlots.host(4L * rows);
    for (int s = 0; s < plan.sequences(); s++) {
      for (int row = plan.queryStarts()[s]; row < plan.queryStarts()[s + 1]; row++) {
        slots.setAtIndex(ValueLayout.JAVA_INT, row, plan.sequenceSlots()[s]);
      }
    }
    rowSlots.pad(plan.rows(), rows, 0);
  }

  private void setSampled(SampledRows rows, int padded) {
    int count = rows.count();
    sampledRows.set(rows.rows(), count);
    sampledRows.pad(count, padded, 0);
    setSampledSlots(rows, padded);
  }

  /** The slots of the rows that draw: a known token that is only scored is nobody's last. */
  private void setSampledSlots(SampledRows rows, int padded) {
    MemorySegment slots = sampledSlots.host(4L * padded);
    for (int i = 0; i < padded; i++) {
      boolean draws = i < rows.count() && rows.draws(i);
      slots.setAtIndex(ValueLayout.JAVA_INT, i, draws ? rows.slots()[i] : NOWHERE);
    }
  }

  StepArea.Part tokenPart() {
    return tokens;
  }

  StepArea.Part rowSlotPart() {
    return rowSlots;
  }

  DeviceBuffer tokens() {
    return tokens.device();
  }

  DeviceBuffer positions() {
    return positions.device();
  }

  SequenceInputs sequences() {
    return sequences;
  }

  DeviceBuffer slotMapping(int group) {
    return slotMappings.get(group).device();
  }

  DeviceBuffer sampledRows() {
    return sampledRows.device();
  }

  DeviceBuffer sampledSlots() {
    return sampledSlots.device();
  }

  RopeTable rope(Rope rope) {
    for (RopeTable known : ropes) {
      if (known.rope().equals(rope)) {
        return known;
      }
    }
    throw new IllegalArgumentException("a rotary embedding that the device was not told of");
  }
}
