package dev.kvasir.runtime.device.cuda;

/**
 * One layer's keys and values: [block][kv head][place][dim].
 *
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
  PagedCache {
    if (blockSize % 16 != 0) {
      throw new IllegalArgumentException(
          "--block-size on a GPU must be a multiple of 16, got " + blockSize);
    }
  }

  String type() {
    return fp8 ? "fp8" : "bf16";
  }
}
