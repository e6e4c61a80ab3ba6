package dev.kvasir.runtime.device.cuda;

/** Brings 4-bit weights from their logical form into the tiles that the linear kernels read. */
final class RepackInt4 {
  static final KernelSignature DATA =
      KernelSignature.of("repack_int4", "repack_int4", "data* outputs columns steps words.l out*");
  static final KernelSignature GROUPS =
      KernelSignature.of(
          "repack_int4",
          "repack_int4_groups",
          "scales* zeros* outputs groups tiles inverse_factor.f out*");

  private static final int THREADS = 256;
  private static final int STEP = 128;

  private final Kernel data;
  private final Kernel groups;

  RepackInt4(KernelModules modules) {
    data = modules.kernel(DATA);
    groups = modules.kernel(GROUPS);
  }

  /**
   * The logical form on the GPU.
   *
   * @param zeros null where all are 8
   * @param largestScale of all, on which the factor depends
   */
  record Logical(
      DeviceBuffer data,
      DeviceBuffer scales,
      DeviceBuffer zeros,
      int outputs,
      int columns,
      int groupSize,
      float largestScale) {
    int groups() {
      return Math.ceilDiv(columns, groupSize);
    }

    int tiles() {
      return Math.ceilDiv(outputs, 16);
    }

    int steps() {
      return Math.ceilDiv(columns, STEP);
    }
  }

  /** Groups that the kernels can take. */
  static boolean takes(int groupSize, int columns) {
    return groupSize == 32 || groupSize == 64 || groupSize % STEP == 0 || groupSize >= columns;
  }

  LinearInt4.Weight run(Logical from, DeviceMemory memory, Stream stream) {
    long words = (long) from.tiles() * from.steps() * 256;
    long count = (long) from.tiles() * from.groups() * 16;
    DeviceBuffer packed = memory.allocate(DeviceMemory.Use.WEIGHTS, 4 * words);
    DeviceBuffer scales = memory.allocate(DeviceMemory.Use.WEIGHTS, 4 * count);
    float factor = factor(from.largestScale());
    data.pointer(from.data())
        .integer(from.outputs())
        .integer(from.columns())
        .integer(from.steps())
        .longInteger(words)
        .pointer(packed)
        .launch(stream, Grid.of(Math.toIntExact(Math.ceilDiv(words, THREADS))), THREADS);
    groups
        .pointer(from.scales())
        .pointer(from.zeros())
        .integer(from.outputs())
        .integer(from.groups())
        .integer(from.tiles())
        .real(1 / factor)
        .pointer(scales)
        .launch(stream, Grid.of(Math.toIntExact(Math.ceilDiv(count, THREADS))), THREADS);
    int groupSize = from.groupSize() >= from.columns() ? from.steps() * STEP : from.groupSize();
    return new LinearInt4.Weight(packed, scales, factor, groupSize);
  }

  /**
   * A power of two that puts the largest scale near f16's largest, so that f16 and bfloat16 scales
   * stay exact down to 2^-29 of it.
   */
  static float factor(float largestScale) {
    return largestScale > 0 ? Math.scalb(1f, Math.getExponent(largestScale) - 14) : 1f;
  }
}
