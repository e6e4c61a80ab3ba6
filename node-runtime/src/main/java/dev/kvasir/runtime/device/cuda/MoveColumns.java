package dev.kvasir.runtime.device.cuda;

/** Columns in another order or another place. */
final class MoveColumns {
  static final KernelSignature PERMUTE =
      KernelSignature.of("move_columns", "permute_columns", "in* order* columns out*")
          .startingEarly();
  static final KernelSignature PLACE =
      KernelSignature.of("move_columns", "place_columns", "in* width first stride out*")
          .startingEarly();

  private static final int THREADS = 256;

  private final Kernel permute;
  private final Kernel placeBf16;
  private final Kernel placeFloat;

  MoveColumns(KernelModules modules) {
    permute = modules.kernel(PERMUTE);
    placeBf16 = modules.kernel(PLACE, "bf16");
    placeFloat = modules.kernel(PLACE, "float");
  }

  /** out[row][j] = in[row][order[j]], in bfloat16. */
  void permute(
      DeviceBuffer in, DeviceBuffer order, int rows, int columns, DeviceBuffer out, Stream stream) {
    permute
        .pointer(in)
        .pointer(order)
        .integer(columns)
        .pointer(out)
        .launch(stream, Grid.of(Math.ceilDiv(columns, THREADS), rows), THREADS);
  }

  /**
   * Puts rows into wider ones.
   *
   * @param floats float32 instead of bfloat16
   * @param first column of the wider rows
   */
  void place(
      DeviceBuffer in,
      boolean floats,
      int rows,
      int width,
      int first,
      int stride,
      DeviceBuffer out,
      Stream stream) {
    (floats ? placeFloat : placeBf16)
        .pointer(in)
        .integer(width)
        .integer(first)
        .integer(stride)
        .pointer(out)
        .launch(stream, Grid.of(Math.ceilDiv(width, THREADS), rows), THREADS);
  }
}
