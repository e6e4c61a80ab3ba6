package dev.kvasir.runtime.device.cuda;

/**
 * Where blocks that share outputs leave their parts: one for all linear layers of a stream.
 *
 * @param arrivals counters, zero between launches
 */
record LinearWorkspace(DeviceBuffer partials, DeviceBuffer arrivals) {
  private static final int COUNTERS = 16 * 1024;

  static LinearWorkspace allocate(DeviceMemory memory, Stream stream, int rows, int widestOutput) {
    long floats = (long) LinearPlan.MOST_SPLITS * rows * widestOutput;
    DeviceBuffer arrivals = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * COUNTERS);
    stream.fill(arrivals, (byte) 0);
    return new LinearWorkspace(memory.allocate(DeviceMemory.Use.WORKSPACE, 4 * floats), arrivals);
  }

  /** Enough for every plan of {@link LinearPlan#choose}, whatever the layer and the rows. */
  static LinearWorkspace forPlans(DeviceMemory memory, Stream stream, int multiprocessors) {
    DeviceBuffer arrivals = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * COUNTERS);
    stream.fill(arrivals, (byte) 0);
    long floats = LinearPlan.mostPartials(multiprocessors);
    return new LinearWorkspace(memory.allocate(DeviceMemory.Use.WORKSPACE, 4 * floats), arrivals);
  }

  void requireRoom(LinearPlan plan, int rows, int outputs) {
    long floats = plan.splits() == 1 ? 0 : (long) plan.splits() * rows * outputs;
    if (4 * floats > partials.bytes()) {
      throw new IllegalArgumentException(
          "%s of %d rows and %d outputs needs %d bytes for its parts, there are %d"
              .formatted(plan, rows, outputs, 4 * floats, partials.bytes()));
    }
  }
}
