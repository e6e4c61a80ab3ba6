package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** Host memory that the GPU reads and writes by itself, so that copies need no processor. */
record PinnedMemory(Pointer pointer, MemorySegment segment) implements AutoCloseable {

  /** Up to 2 GiB. */
  static PinnedMemory allocate(long bytes) {
    Pointer pointer = new Pointer();
    Calls.check(JCudaDriver.cuMemAllocHost(pointer, bytes), "taking %d bytes to copy from", bytes);
    return new PinnedMemory(pointer, MemorySegment.ofBuffer(pointer.getByteBuffer(0, bytes)));
  }

  /** A piece of it, which is not to be closed. */
  PinnedMemory slice(long offset, long bytes) {
    return new PinnedMemory(pointer.withByteOffset(offset), segment.asSlice(offset, bytes));
  }

  long bytes() {
    return segment.byteSize();
  }

  @Override
  public void close() {
    Calls.check(JCudaDriver.cuMemFreeHost(pointer), "giving back %d bytes of the host", bytes());
  }
}
