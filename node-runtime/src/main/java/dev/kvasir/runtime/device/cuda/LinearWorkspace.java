package dev.kvasir.runtime.device.cuda;

/**
 * Where blocks that share outputs leave their parts: one for all linear layers of a stream.
 *
 * @param arrivals counters, zero between launches
 */
record LinearWorkspace(DeviceBuffer partials, DeviceBuffer arrivals) {
  private static final int COUNTERS = 16 * 1024;

  /** Enough for every plan of {@link LinearPlan#choose}, whatever the layer and the rows. */
  static LinearWorkspace forPlans(DeviceMemory memory, Stream stream, int multiprocessors) {
    DeviceBuffer arrivals = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * COUNTERS);
    stream.fill(arrivals, (byte) 0);
    long floats = LinearPlan.mostPartials(multiprocessors);
    return new LinearWorkspace(memory.allocate(DeviceMemory.Use.WORKSPACE, 4 * floats), arrivals);
  }

  /** Null where a plan leaves no parts. */
  DeviceBuffer partials(LinearPlan plan, int rows, int outputs) {
    long bytes = 4 * plan.partialFloats(rows, outputs);
    if (bytes > partials.bytes()) {
      throw new IllegalArgumentException(
          "%s of %d rows and %d outputs needs %d bytes for its parts, there are %d"
              .formatted(plan, rows, outputs, bytes, partials.bytes()));
    }
    return bytes == 0 ? null : partials;
  }
}
