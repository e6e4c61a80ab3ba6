package dev.kvasir.runtime.device.cuda;

import java.util.stream.IntStream;

/**
 * One layer's keys and values: [block][kv head][place][dim].
 *
 * @param headDim as stored: {@link #storedDim}
 * @param fp8 e4m3 with one scale for keys and one for values, else bfloat16
 */
record PagedCache(
    DeviceBuffer keys,
    DeviceBuffer values,
    boolean fp8,
    int kvHeads,
    int headDim,
    int blockSize,
    float keyScale,
    float valueScale) {
  static final int MOST_DIM = 256;

  private static final int[] DIMS = {64, 96, 128, MOST_DIM};

  PagedCache {
    if (blockSize % 16 != 0) {
      throw new IllegalArgumentException(
          "--block-size on a GPU must be a multiple of 16, got " + blockSize);
    }
  }

  /** What the kernels are made for: smaller heads are followed by zeros. */
  static int storedDim(int headDim) {
    return IntStream.of(DIMS)
        .filter(dim -> dim >= headDim)
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "head_dim is at most %d on a GPU, got %d".formatted(MOST_DIM, headDim)));
  }

  String type() {
    return fp8 ? "fp8" : "bf16";
  }
}
