package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;

/** Normalizes (where asked) and rotates query and key, and writes key and value to the cache. */
final class RopeKvWrite {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "rope_kv_write",
              "rope_kv_write",
              "qkv* positions* slots* sets* frequencies* query_norm* key_norm* epsilon.f keys*"
                  + " values* heads kv_heads dim stored_dim rotary interleaved magnitude.f"
                  + " block_size key_scale.f value_scale.f")
          .startingEarly();

  private static final int WARPS = 4;

  private final Kernel bf16;
  private final Kernel fp8;

  RopeKvWrite(KernelModules modules) {
    bf16 = modules.kernel(SIGNATURE, "bf16");
    fp8 = modules.kernel(SIGNATURE, "fp8");
  }

  /**
   * @param sets which set of frequencies each row turns by; null: the first
   * @param frequencies float32, in each set one a pair of rotated dimensions
   * @param rotary dimensions that turn
   * @param queryNorm float32 weights of an RMS norm a head, or null
   */
  record Rotation(
      DeviceBuffer sets,
      DeviceBuffer frequencies,
      int rotary,
      boolean interleaved,
      float magnitude,
      DeviceBuffer queryNorm,
      DeviceBuffer keyNorm,
      float epsilon) {}

  void run(
      DeviceBuffer qkv,
      int rows,
      AttentionShape shape,
      DeviceBuffer positions,
      DeviceBuffer slots,
      Rotation rotation,
      PagedCache cache,
      Stream stream) {
    (cache.fp8() ? fp8 : bf16)
        .pointer(qkv)
        .pointer(positions)
        .pointer(slots)
        .pointer(rotation.sets())
        .pointer(rotation.frequencies())
        .pointer(rotation.queryNorm())
        .pointer(rotation.keyNorm())
        .real(rotation.epsilon())
        .pointer(cache.keys())
        .pointer(cache.values())
        .integer(shape.heads())
        .integer(cache.kvHeads())
        .integer(shape.headDim())
        .integer(cache.headDim())
        .integer(rotation.rotary())
        .integer(rotation.interleaved() ? 1 : 0)
        .real(rotation.magnitude())
        .integer(cache.blockSize())
        .real(cache.keyScale())
        .real(cache.valueScale())
        .launch(
            stream,
            Grid.of(rows, Math.ceilDiv(shape.heads() + 2 * cache.kvHeads(), WARPS)),
            32 * WARPS);
  }
}
