package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** A piece of a GPU's memory. */
record DeviceBuffer(CUdeviceptr pointer, long address, long bytes) {
  /** What a direct ByteBuffer can span, in whole pages. */
  private static final long MOST_AT_ONCE = 1L << 30;

  DeviceBuffer slice(long offset, long size) {
    if (offset < 0 || size < 0 || offset + size > bytes) {
      throw new IndexOutOfBoundsException(
          "%d bytes from %d in a buffer of %d".formatted(size, offset, bytes));
    }
    return new DeviceBuffer(pointer.withByteOffset(offset), address + offset, size);
  }

  /** Copies from the host and waits. */
  void write(MemorySegment from) {
    check(from.byteSize());
    for (long at = 0; at < from.byteSize(); at += MOST_AT_ONCE) {
      long part = Math.min(MOST_AT_ONCE, from.byteSize() - at);
      Calls.check(
          JCudaDriver.cuMemcpyHtoD(pointer.withByteOffset(at), host(from.asSlice(at, part)), part),
          "copying %d bytes to the GPU",
          part);
    }
  }

  /** Copies to the host and waits. */
  void read(MemorySegment to) {
    check(to.byteSize());
    for (long at = 0; at < to.byteSize(); at += MOST_AT_ONCE) {
      long part = Math.min(MOST_AT_ONCE, to.byteSize() - at);
      Calls.check(
          JCudaDriver.cuMemcpyDtoH(host(to.asSlice(at, part)), pointer.withByteOffset(at), part),
          "copying %d bytes from the GPU",
          part);
    }
  }

  private void check(long size) {
    if (size > bytes) {
      throw new IndexOutOfBoundsException("%d bytes for a buffer of %d".formatted(size, bytes));
    }
  }

  private static Pointer host(MemorySegment segment) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException("the driver copies from and to native memory only");
    }
    return Pointer.to(segment.asByteBuffer());
  }
}
