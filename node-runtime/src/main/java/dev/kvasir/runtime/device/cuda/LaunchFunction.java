package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The driver's cuLaunchKernelEx, called directly: JCuda lacks it, and its cuLaunchKernel copies
 * every argument through JNI and takes five times as long. One object a kernel, for one thread.
 */
final class LaunchFunction {
  private static final String LIBRARY = "libcuda.so.1";

  // CUlaunchConfig and CUlaunchAttribute, as cuda.h lays them out.
  private static final int CONFIG_BYTES = 56;
  private static final int SHARED_BYTES_AT = 24;
  private static final int STREAM_AT = 32;
  private static final int ATTRIBUTES_AT = 40;
  private static final int ATTRIBUTE_COUNT_AT = 48;
  private static final int ATTRIBUTE_BYTES = 72;
  private static final int ATTRIBUTE_VALUE_AT = 8;
  private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  /**
   * Found when the first kernel is made, not before {@link #hasDriver} can say that there is none.
   */
  private static final class Found {
    static final MethodHandle LAUNCH = find();
  }

  private final MemorySegment config = Arena.global().allocate(CONFIG_BYTES, 8);

  /**
   * @param early whether the kernel may start while the one before it ends; it then waits itself
   *     before it touches that one's data
   */
  LaunchFunction(boolean early) {
    MemorySegment attribute = Arena.global().allocate(ATTRIBUTE_BYTES, 8);
    attribute.set(ValueLayout.JAVA_INT, 0, PROGRAMMATIC_STREAM_SERIALIZATION);
    attribute.set(ValueLayout.JAVA_INT, ATTRIBUTE_VALUE_AT, 1);
    config.set(ValueLayout.JAVA_LONG, ATTRIBUTES_AT, attribute.address());
    config.set(ValueLayout.JAVA_INT, ATTRIBUTE_COUNT_AT, early ? 1 : 0);
  }

  /** Whether there is a driver's library at all. */
  @SuppressWarnings("restricted")
  static boolean hasDriver() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup.libraryLookup(LIBRARY, arena);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  // The command line and the jar allow native access.
  @SuppressWarnings("restricted")
  private static MethodHandle find() {
    FunctionDescriptor type =
        FunctionDescriptor.of(
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG,
            ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    MemorySegment symbol =
        SymbolLookup.libraryLookup(LIBRARY, Arena.global())
            .find("cuLaunchKernelEx")
            .orElseThrow(() ->
                new UnsatisfiedLinkError(LIBRARY + " has no cuLaunchKernelEx: update the driver"));
    return Linker.nativeLinker().downcallHandle(symbol, type);
  }

  /** Returns the driver's result code. */
  int launch(
      long function,
      Grid grid,
      int threads,
      int sharedBytes,
      long stream,
      MemorySegment arguments) {
    config.setAtIndex(ValueLayout.JAVA_INT, 0, grid.x());
    config.setAtIndex(ValueLayout.JAVA_INT, 1, grid.y());
    config.setAtIndex(ValueLayout.JAVA_INT, 2, grid.z());
    config.setAtIndex(ValueLayout.JAVA_INT, 3, threads);
    config.setAtIndex(ValueLayout.JAVA_INT, 4, 1);
    config.setAtIndex(ValueLayout.JAVA_INT, 5, 1);
    config.set(ValueLayout.JAVA_INT, SHARED_BYTES_AT, sharedBytes);
    config.set(ValueLayout.JAVA_LONG, STREAM_AT, stream);
    try {
      return (int) Found.LAUNCH.invokeExact(config, function, arguments, MemorySegment.NULL);
    } catch (Throwable e) {
      throw new AssertionError("cuLaunchKernelEx", e);
    }
  }
}
