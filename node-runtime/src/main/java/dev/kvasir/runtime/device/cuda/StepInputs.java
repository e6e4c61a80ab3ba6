package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A step's plan on the GPU: an array for each of its columns, at fixed addresses. */
final class StepInputs implements AutoCloseable {
  private final UploadArea area = new UploadArea();
  private final UploadArea.Part tokens;
  private final UploadArea.Part positions;
  private final UploadArea.Part rowSlots;
  private final UploadArea.Part lengths;
  private final List<UploadArea.Part> slotMappings = new ArrayList<>();
  private final List<RopeTable> ropes = new ArrayList<>();
  private final UploadArea.Part sampledRows;
  private final UploadArea.Part temperatures;
  private final UploadArea.Part topP;
  private final UploadArea.Part topK;
  private final UploadArea.Part seeds;
  private final UploadArea.Part outputPositions;

  StepInputs(DeviceMemory memory, int rows, int sampled, int groups, Collection<Rope> ropes) {
    tokens = area.reserve(4L * rows);
    positions = area.reserve(4L * rows);
    rowSlots = area.reserve(4L * rows);
    lengths = area.reserve(4L * rows);
    for (int group = 0; group < groups; group++) {
      slotMappings.add(area.reserve(4L * rows));
    }
    sampledRows = area.reserve(4L * sampled);
    temperatures = area.reserve(4L * sampled);
    topP = area.reserve(8L * sampled);
    topK = area.reserve(4L * sampled);
    seeds = area.reserve(8L * sampled);
    outputPositions = area.reserve(4L * sampled);
    ropes.forEach(rope -> this.ropes.add(new RopeTable(rope, area, rows)));
    area.allocate(memory);
  }

  void set(StepPlan plan, Stream stream) {
    tokens.set(plan.tokenIds());
    positions.set(plan.positions());
    setRows(plan);
    for (int group = 0; group < slotMappings.size(); group++) {
      slotMappings.get(group).set(plan.groups().get(group).slotMapping());
    }
    ropes.forEach(rope -> rope.fill(plan));
    setSampled(plan.sampled());
    area.upload(stream);
  }

  /** Each row is a sequence of its own to attention: its slot, and what it sees. */
  private void setRows(StepPlan plan) {
    int[] slots = new int[plan.rows()];
    int[] seen = new int[plan.rows()];
    for (int s = 0; s < plan.sequences(); s++) {
      for (int row = plan.queryStarts()[s]; row < plan.queryStarts()[s + 1]; row++) {
        slots[row] = plan.sequenceSlots()[s];
        seen[row] = plan.positions()[row] + 1;
      }
    }
    rowSlots.set(slots);
    lengths.set(seen);
  }

  private void setSampled(SampledRows rows) {
    sampledRows.set(rows.rows());
    temperatures.set(rows.temperatures());
    topP.set(rows.topP());
    topK.set(rows.topK());
    seeds.set(rows.seeds());
    outputPositions.set(rows.outputPositions());
  }

  DeviceBuffer tokens() {
    return tokens.device();
  }

  DeviceBuffer positions() {
    return positions.device();
  }

  DeviceBuffer rowSlots() {
    return rowSlots.device();
  }

  /** How many positions each row sees, its own included. */
  DeviceBuffer lengths() {
    return lengths.device();
  }

  DeviceBuffer slotMapping(int group) {
    return slotMappings.get(group).device();
  }

  DeviceBuffer sampledRows() {
    return sampledRows.device();
  }

  Sample.Parameters sampling() {
    return new Sample.Parameters(
        temperatures.device(),
        topP.device(),
        topK.device(),
        seeds.device(),
        outputPositions.device());
  }

  RopeTable rope(Rope rope) {
    for (RopeTable known : ropes) {
      if (known.rope().equals(rope)) {
        return known;
      }
    }
    throw new IllegalArgumentException("a rotary embedding that the device was not told of");
  }

  @Override
  public void close() {
    area.close();
  }
}
