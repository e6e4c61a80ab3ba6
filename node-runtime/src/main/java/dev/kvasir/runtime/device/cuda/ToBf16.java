package dev.kvasir.runtime.device.cuda;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Brings weights of other types to bfloat16 rows while a model is loaded. */
final class ToBf16 {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
          "to_bf16",
          "to_bf16",
          "data* scales* zeros* count.l columns block_rows block_columns out*");

  private static final int THREADS = 256;

  /** What it can read; the name ends the kernel's. */
  enum Type {
    BF16,
    F32,
    F16,
    INT4,
    INT8,
    FP8
  }

  private final KernelModules modules;
  private final Map<Type, Kernel> kernels = new EnumMap<>(Type.class);

  ToBf16(KernelModules modules) {
    this.modules = modules;
  }

  /**
   * Weights on the GPU: {@code W = (q - zero) * scale}.
   *
   * @param scales float32, one a block of rows and columns; null: 1
   * @param zeros a byte each, for INT8 two; null: 0
   */
  record From(
      Type type,
      DeviceBuffer data,
      DeviceBuffer scales,
      DeviceBuffer zeros,
      int rows,
      int columns,
      int blockRows,
      int blockColumns) {}

  void run(From from, DeviceBuffer out, Stream stream) {
    long count = (long) from.rows() * from.columns();
    kernel(from.type())
        .pointer(from.data())
        .pointer(from.scales())
        .pointer(from.zeros())
        .longInteger(count)
        .integer(from.columns())
        .integer(from.blockRows())
        .integer(from.blockColumns())
        .pointer(out)
        .launch(stream, Grid.of(Math.toIntExact(Math.ceilDiv(count, THREADS))), THREADS);
  }

  private Kernel kernel(Type type) {
    return kernels.computeIfAbsent(
        type, t -> modules.kernel(SIGNATURE, t.name().toLowerCase(Locale.ROOT)));
  }
}
