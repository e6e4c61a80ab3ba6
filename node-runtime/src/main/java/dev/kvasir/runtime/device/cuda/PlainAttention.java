package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;

/** Attention over paged keys and values for heads of any size: what the fast kernels leave. */
final class PlainAttention {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "plain_attention",
              "plain_attention",
              "queries* query_stride keys* values* tables* table_stride slots* lengths* out* heads"
                  + " kv_heads dim block_size window scale.f softcap.f key_scale.f value_scale.f")
          .startingEarly();
  static final int MOST_DIM = 256;

  private static final int THREADS = 128;

  private final Kernel bf16;
  private final Kernel fp8;

  PlainAttention(KernelModules modules) {
    bf16 = modules.kernel(SIGNATURE, "bf16");
    fp8 = modules.kernel(SIGNATURE, "fp8");
  }

  /**
   * @param sequences one a row
   */
  void run(
      PagedDecodeAttention.Call call,
      PagedDecodeAttention.Sequences sequences,
      PagedCache cache,
      Stream stream) {
    AttentionShape shape = call.shape();
    (cache.fp8() ? fp8 : bf16)
        .pointer(call.queries())
        .integer(call.queryStride())
        .pointer(cache.keys())
        .pointer(cache.values())
        .pointer(sequences.tables())
        .integer(sequences.stride())
        .pointer(sequences.slots())
        .pointer(sequences.lengths())
        .pointer(call.out())
        .integer(shape.heads())
        .integer(cache.kvHeads())
        .integer(cache.headDim())
        .integer(cache.blockSize())
        .integer(shape.window())
        .real(shape.scale())
        .real(shape.softcap())
        .real(cache.keyScale())
        .real(cache.valueScale())
        .launch(stream, Grid.of(sequences.count(), shape.heads()), THREADS);
  }
}
