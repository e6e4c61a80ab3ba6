package dev.kvasir.runtime.device.cuda;

import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/**
 * A kernel that can be launched. Arguments are written in order, checked against the signature, and
 * the launch takes them: {@code kernel.pointer(x).integer(n).launch(...)}. For one thread.
 */
final class Kernel {
  /** Dynamic shared memory beyond this must be asked for. */
  private static final int USUAL_SHARED_BYTES = 48 * 1024;

  private final String name;
  private final KernelSignature signature;
  private final Handle function = new Handle();
  private final LaunchFunction driver;
  private final MemorySegment values;
  private final MemorySegment addresses;
  private int written;
  private int sharedAllowed = USUAL_SHARED_BYTES;

  /** Lets the function's address out of JCuda. */
  private static final class Handle extends CUfunction {
    long address() {
      return getNativePointer();
    }
  }

  /**
   * @param overlap whether the GPU can start a kernel while the one before it ends
   */
  Kernel(CUmodule module, String name, KernelSignature signature, boolean overlap) {
    this.name = name;
    this.signature = signature;
    this.driver = new LaunchFunction(overlap && signature.early());
    Calls.check(
        JCudaDriver.cuModuleGetFunction(function, module, name),
        "finding kernel %s in %s",
        name,
        signature.file());
    int count = signature.parameters().size();
    values = Arena.global().allocate(8L * count, 8);
    addresses = Arena.global().allocate(8L * count, 8);
    for (int i = 0; i < count; i++) {
      addresses.setAtIndex(ValueLayout.JAVA_LONG, i, values.address() + 8L * i);
    }
  }

  String name() {
    return name;
  }

  int registers() {
    return attribute(CU_FUNC_ATTRIBUTE_NUM_REGS);
  }

  /** Bytes of each thread's registers that went to memory. */
  int localBytes() {
    return attribute(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  }

  private int attribute(int attribute) {
    int[] value = new int[1];
    Calls.check(
        JCudaDriver.cuFuncGetAttribute(value, attribute, function), "asking about %s", name);
    return value[0];
  }

  Kernel pointer(DeviceBuffer buffer) {
    return pointer(buffer == null ? 0 : buffer.address());
  }

  Kernel pointer(long address) {
    values.set(ValueLayout.JAVA_LONG, next(KernelSignature.Type.POINTER), address);
    return this;
  }

  Kernel integer(int value) {
    values.set(ValueLayout.JAVA_INT, next(KernelSignature.Type.INT), value);
    return this;
  }

  Kernel longInteger(long value) {
    values.set(ValueLayout.JAVA_LONG, next(KernelSignature.Type.LONG), value);
    return this;
  }

  Kernel real(float value) {
    values.set(ValueLayout.JAVA_FLOAT, next(KernelSignature.Type.FLOAT), value);
    return this;
  }

  private long next(KernelSignature.Type type) {
    if (written == signature.parameters().size()
        || signature.parameters().get(written).type() != type) {
      throw new IllegalStateException(
          "argument %d of %s is no %s: %s".formatted(written, name, type, signature.parameters()));
    }
    return 8L * written++;
  }

  void launch(Stream stream, Grid grid, int threads) {
    launch(stream, grid, threads, 0);
  }

  /** An op over no rows has no blocks, and nothing is launched. */
  void launch(Stream stream, Grid grid, int threads, int sharedBytes) {
    if (written != signature.parameters().size()) {
      throw new IllegalStateException(
          "%s got %d arguments of %d".formatted(name, written, signature.parameters().size()));
    }
    written = 0;
    if (grid.isEmpty()) {
      return;
    }
    allowShared(sharedBytes);
    int code =
        driver.launch(function.address(), grid, threads, sharedBytes, stream.address(), addresses);
    Calls.check(
        code,
        "launching %s with %s blocks of %d threads and %d bytes of shared memory",
        name,
        grid,
        threads,
        sharedBytes);
  }

  private void allowShared(int bytes) {
    if (bytes > sharedAllowed) {
      Calls.check(
          JCudaDriver.cuFuncSetAttribute(
              function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
          "giving %s %d bytes of shared memory",
          name,
          bytes);
      sharedAllowed = bytes;
    }
  }
}
