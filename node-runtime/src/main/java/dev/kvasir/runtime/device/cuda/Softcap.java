package dev.kvasir.runtime.device.cuda;

/** values = cap * tanh(values / cap), in float32. */
final class Softcap {
  static final KernelSignature SIGNATURE =
      KernelSignature.of("softcap", "softcap", "values* count.l cap.f").startingEarly();

  private static final int THREADS = 256;

  private final Kernel kernel;

  Softcap(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  void run(DeviceBuffer values, long count, float cap, Stream stream) {
    kernel
        .pointer(values)
        .longInteger(count)
        .real(cap)
        .launch(stream, Grid.of(Math.toIntExact(Math.ceilDiv(count, THREADS))), THREADS);
  }
}
