package dev.kvasir.runtime.device.cuda;

/** Room on the GPU for weights on their way into their layouts; grows as they ask. */
final class Staging implements AutoCloseable {
  private final Gpu gpu;
  private final DeviceMemory[] memories;
  private final DeviceBuffer[] buffers;

  /**
   * @param places pieces that are in use at once
   */
  Staging(Gpu gpu, int places) {
    this.gpu = gpu;
    memories = new DeviceMemory[places];
    buffers = new DeviceBuffer[places];
  }

  /** A piece, whose content from before is lost. */
  DeviceBuffer get(int place, long bytes) {
    if (buffers[place] == null || buffers[place].bytes() < bytes) {
      release(place);
      memories[place] = new DeviceMemory(gpu);
      buffers[place] = memories[place].allocate(DeviceMemory.Use.WORKSPACE, bytes);
    }
    return buffers[place].slice(0, bytes);
  }

  private void release(int place) {
    if (memories[place] != null) {
      memories[place].close();
      buffers[place] = null;
    }
  }

  @Override
  public void close() {
    for (int place = 0; place < buffers.length; place++) {
      release(place);
    }
  }
}
