package dev.kvasir.runtime.device.cuda;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;

/** A point in a stream's work that can be waited for and timed. */
final class Event implements AutoCloseable {
  private final CUevent event = new CUevent();

  Event() {
    Calls.check(JCudaDriver.cuEventCreate(event, 0), "making an event");
  }

  void record(Stream stream) {
    Calls.check(JCudaDriver.cuEventRecord(event, stream.handle()), "recording an event");
  }

  void await() {
    Calls.check(JCudaDriver.cuEventSynchronize(event), "waiting for the GPU");
  }

  /** Both must have happened. */
  double millisecondsSince(Event start) {
    float[] milliseconds = new float[1];
    Calls.check(JCudaDriver.cuEventElapsedTime(milliseconds, start.event, event), "timing");
    return milliseconds[0];
  }

  @Override
  public void close() {
    Calls.check(JCudaDriver.cuEventDestroy(event), "closing an event");
  }
}
