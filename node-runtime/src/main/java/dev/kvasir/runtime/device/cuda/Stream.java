package dev.kvasir.runtime.device.cuda;

import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static jcuda.driver.CUstream_flags.CU_STREAM_NON_BLOCKING;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Work that runs on the GPU in the order in which it was given. */
final class Stream implements AutoCloseable {
  private final Handle stream = new Handle();

  private static final class Handle extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  Stream() {
    Calls.check(JCudaDriver.cuStreamCreate(stream, CU_STREAM_NON_BLOCKING), "making a stream");
  }

  long address() {
    return stream.address();
  }

  CUstream handle() {
    return stream;
  }

  void synchronize() {
    Calls.check(JCudaDriver.cuStreamSynchronize(stream), "waiting for the GPU");
  }

  void fill(DeviceBuffer buffer, byte value) {
    Calls.check(
        JCudaDriver.cuMemsetD8Async(buffer.pointer(), value, buffer.bytes(), stream),
        "filling %d bytes",
        buffer.bytes());
  }

  void copy(DeviceBuffer from, DeviceBuffer to) {
    if (from.bytes() > to.bytes()) {
      throw new IndexOutOfBoundsException("%d bytes into %d".formatted(from.bytes(), to.bytes()));
    }
    Calls.check(
        JCudaDriver.cuMemcpyDtoDAsync(to.pointer(), from.pointer(), from.bytes(), stream),
        "copying %d bytes on the GPU",
        from.bytes());
  }

  /** Copies the first bytes of pinned memory; they must stay as they are until that is done. */
  void upload(PinnedMemory from, DeviceBuffer to, long bytes) {
    if (bytes > from.bytes() || bytes > to.bytes()) {
      throw new IndexOutOfBoundsException(
          "%d bytes of %d into %d".formatted(bytes, from.bytes(), to.bytes()));
    }
    Calls.check(
        JCudaDriver.cuMemcpyHtoDAsync(to.pointer(), from.pointer(), bytes, stream),
        "copying %d bytes to the GPU",
        bytes);
  }

  /** Copies a whole buffer into pinned memory. */
  void download(DeviceBuffer from, PinnedMemory to) {
    if (from.bytes() > to.bytes()) {
      throw new IndexOutOfBoundsException("%d bytes into %d".formatted(from.bytes(), to.bytes()));
    }
    Calls.check(
        JCudaDriver.cuMemcpyDtoHAsync(to.pointer(), from.pointer(), from.bytes(), stream),
        "copying %d bytes from the GPU",
        from.bytes());
  }

  /** Records what the body gives to this stream, without running it. */
  Graph capture(Runnable body) {
    Calls.check(
        JCudaDriver.cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "beginning a graph");
    CUgraph graph = new CUgraph();
    int ended;
    try {
      body.run();
    } finally {
      ended = JCudaDriver.cuStreamEndCapture(stream, graph);
    }
    Calls.check(ended, "recording a graph");
    CUgraphExec executable = new CUgraphExec();
    Calls.check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "preparing a graph");
    Calls.check(JCudaDriver.cuGraphDestroy(graph), "dropping a graph's recording");
    return new Graph(executable);
  }

  @Override
  public void close() {
    Calls.check(JCudaDriver.cuStreamDestroy(stream), "closing a stream");
  }
}
