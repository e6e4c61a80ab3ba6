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
}
