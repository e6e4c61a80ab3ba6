package dev.kvasir.runtime.device.cuda;

/** Brings weights of 2 or 1 bytes from rows into the tiles that the linear kernels read. */
final class RepackRows {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
          "repack_rows", "repack_rows", "rows* outputs row_words steps words.l out*");

  private static final int THREADS = 256;

  /** Bytes of a row in a tile's step. */
  private static final int STEP_BYTES = 128;

  private final Kernel kernel;

  RepackRows(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  static long packedBytes(int outputs, int rowBytes) {
    return Math.ceilDiv(outputs, 16) * 16L * steps(rowBytes) * STEP_BYTES;
  }

  static int steps(int rowBytes) {
    return Math.ceilDiv(rowBytes, STEP_BYTES);
  }

  DeviceBuffer run(
      DeviceBuffer rows, int outputs, int rowBytes, DeviceMemory memory, Stream stream) {
    DeviceBuffer packed = memory.allocate(DeviceMemory.Use.WEIGHTS, packedBytes(outputs, rowBytes));
    run(rows, outputs, rowBytes, packed, stream);
    return packed;
  }

  /** Fills whole tiles of 16 outputs, all of a matrix's or some. */
  void run(DeviceBuffer rows, int outputs, int rowBytes, DeviceBuffer packed, Stream stream) {
    if (rowBytes % 16 != 0) {
      throw new IllegalArgumentException(
          "a linear layer on a GPU takes inputs of whole 16 bytes, got rows of %d bytes"
              .formatted(rowBytes));
    }
    long words = packedBytes(outputs, rowBytes) / 4;
    kernel
        .pointer(rows)
        .integer(outputs)
        .integer(rowBytes / 4)
        .integer(steps(rowBytes))
        .longInteger(words)
        .pointer(packed)
        .launch(stream, Grid.of(Math.toIntExact(Math.ceilDiv(words, THREADS))), THREADS);
  }
}
