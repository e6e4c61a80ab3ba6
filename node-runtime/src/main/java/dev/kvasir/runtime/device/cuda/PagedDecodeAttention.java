package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;

/** Attention of one query row a sequence over its paged keys and values. */
final class PagedDecodeAttention {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "paged_decode_attention",
              "paged_decode_attention",
              "queries* query_stride keys* values* tables* table_stride slots* lengths* query_rows*"
                  + " out* partials* partial_sums* arrivals* heads kv_heads dim block_size most_new window"
                  + " scale.f softcap.f key_scale.f value_scale.f")
          .startingEarly();

  private static final int THREADS = 128;

  /** Query heads that a block takes. */
  private static final int HEADS = 8;

  private static final int MOST_SPLITS = 64;

  private final KernelModules modules;
  private final java.util.Map<String, Kernel> kernels = new java.util.HashMap<>();

  PagedDecodeAttention(KernelModules modules) {
    this.modules = modules;
  }

  /**
   * The sequences of a step.
   *
   * @param tables block table of each slot, stride entries apart
   * @param queryRows the row of each sequence's query
   * @param mostNew tokens of a sequence, its last ones, whose keys and values this step writes: all
   *     others may be read before the kernel ahead has ended
   */
  record Sequences(
      int count,
      DeviceBuffer tables,
      int stride,
      DeviceBuffer slots,
      DeviceBuffer lengths,
      DeviceBuffer queryRows,
      int mostNew) {}

  /**
   * @param queries rows of queryStride elements that begin with the query heads
   */
  record Call(AttentionShape shape, DeviceBuffer queries, int queryStride, DeviceBuffer out) {}

  /** Room for the parts of each sequence's attention. */
  record Workspace(DeviceBuffer partials, DeviceBuffer sums, DeviceBuffer arrivals) {
    static Workspace allocate(DeviceMemory memory, Stream stream, int blocks, int headDim) {
      DeviceBuffer arrivals = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * blocks);
      stream.fill(arrivals, (byte) 0);
      return new Workspace(
          memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * blocks * HEADS * headDim),
          memory.allocate(DeviceMemory.Use.WORKSPACE, 8L * blocks * HEADS),
          arrivals);
    }
  }

  static int headTiles(AttentionShape shape) {
    return Math.ceilDiv(shape.headsPerKvHead(), HEADS);
  }

  /** Parts that fill the GPU's blocks evenly, each of 64 tokens at least. */
  static int splits(AttentionShape shape, int sequences, int longest, int multiprocessors) {
    int blocks = sequences * shape.kvHeads() * headTiles(shape);
    int resident = 3 * multiprocessors;
    int most = Math.clamp(longest / 64, 1, MOST_SPLITS);
    int best = 1;
    double bestUse = 0;
    for (int splits = 1; splits <= most; splits++) {
      double waves = (double) blocks * splits / resident;
      double use = waves / Math.ceil(waves);
      if (use > bestUse + 0.02) {
        best = splits;
        bestUse = use;
      }
      if (waves >= 4) {
        break;
      }
    }
    return best;
  }

  void run(
      Call call,
      Sequences sequences,
      PagedCache cache,
      int splits,
      Workspace workspace,
      Stream stream) {
    kernel(cache)
        .pointer(call.queries())
        .integer(call.queryStride())
        .pointer(cache.keys())
        .pointer(cache.values())
        .pointer(sequences.tables())
        .integer(sequences.stride())
        .pointer(sequences.slots())
        .pointer(sequences.lengths())
        .pointer(sequences.queryRows())
        .pointer(call.out())
        .pointer(workspace.partials())
        .pointer(workspace.sums())
        .pointer(workspace.arrivals())
        .integer(call.shape().heads())
        .integer(cache.kvHeads())
        .integer(call.shape().headDim())
        .integer(cache.blockSize())
        .integer(sequences.mostNew())
        .integer(call.shape().window())
        .real(call.shape().scale())
        .real(call.shape().softcap())
        .real(cache.keyScale())
        .real(cache.valueScale())
        .launch(
            stream,
            new Grid(splits, cache.kvHeads() * headTiles(call.shape()), sequences.count()),
            THREADS);
  }

  private Kernel kernel(PagedCache cache) {
    return kernels.computeIfAbsent(
        cache.type() + "_" + cache.headDim(), variant -> modules.kernel(SIGNATURE, variant));
  }
}
