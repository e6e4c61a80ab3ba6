package dev.kvasir.runtime.device.cuda;

/** A plain copy, whose rate is the ceiling that other kernels are held against. */
final class Copy {
  static final KernelSignature SIGNATURE = KernelSignature.of("copy", "copy", "from* to* count.l");

  private static final int THREADS = 256;
  private static final int LOADS = 8;

  private final Kernel kernel;

  Copy(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  void run(DeviceBuffer from, DeviceBuffer to, Stream stream) {
    long count = Math.min(from.bytes(), to.bytes()) / 16;
    kernel
        .pointer(from)
        .pointer(to)
        .longInteger(count)
        .launch(
            stream, Grid.of(Math.toIntExact(Math.ceilDiv(count, (long) THREADS * LOADS))), THREADS);
  }
}
