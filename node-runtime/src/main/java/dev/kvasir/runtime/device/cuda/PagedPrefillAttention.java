package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.util.HashMap;
import java.util.Map;

/** Causal attention of many query rows a sequence over its paged keys and values. */
final class PagedPrefillAttention {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "paged_prefill_attention",
              "paged_prefill_attention",
              "queries* query_stride keys* values* tables* table_stride slots* lengths* query_rows*"
                  + " query_counts* out* partials* partial_sums* arrivals* heads kv_heads dim"
                  + " block_size window scale.f softcap.f key_scale.f value_scale.f")
          .startingEarly();

  private static final int THREADS = 128;
  private static final int BLOCKS_AT_ONCE = 2;
  private static final int MOST_PARTS = 16;

  /** Of two numbers for each of four rows a thread. */
  private static final long SUM_BYTES = 8L * 4 * THREADS;

  private final KernelModules modules;
  private final Map<String, Kernel> kernels = new HashMap<>();

  PagedPrefillAttention(KernelModules modules) {
    this.modules = modules;
  }

  /**
   * The sequences of a step that have many rows.
   *
   * @param mostQueries rows of the one with the most
   * @param tables block table of each slot, stride entries apart
   * @param lengths tokens whose keys and values exist, this step's included
   * @param queryRows each sequence's first row
   * @param queryCounts each sequence's rows
   */
  record Sequences(
      int count,
      int mostQueries,
      DeviceBuffer tables,
      int stride,
      DeviceBuffer slots,
      DeviceBuffer lengths,
      DeviceBuffer queryRows,
      DeviceBuffer queryCounts) {}

  /**
   * Room for the parts of tiles whose tokens several blocks share.
   *
   * @param blocks that the GPU runs at once
   */
  record Workspace(DeviceBuffer partials, DeviceBuffer sums, DeviceBuffer arrivals, int blocks) {
    static Workspace allocate(
        DeviceMemory memory, Stream stream, int multiprocessors, int headDim) {
      int blocks = BLOCKS_AT_ONCE * multiprocessors;
      DeviceBuffer arrivals = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * blocks);
      stream.fill(arrivals, (byte) 0);
      return new Workspace(
          memory.allocate(DeviceMemory.Use.WORKSPACE, blocks * partialBytes(headDim)),
          memory.allocate(DeviceMemory.Use.WORKSPACE, blocks * SUM_BYTES),
          arrivals,
          blocks);
    }

    static long bytes(int multiprocessors, int headDim) {
      return (long) BLOCKS_AT_ONCE * multiprocessors * (4 + partialBytes(headDim) + SUM_BYTES);
    }

    private static long partialBytes(int headDim) {
      int dim = PagedCache.storedDim(headDim);
      return 4L * Tile.of(dim).rows() * dim;
    }

    /** So many blocks as fill the GPU, where the tiles alone do not. */
    private int parts(int tiles) {
      return Math.clamp(blocks / tiles, 1, MOST_PARTS);
    }
  }

  /** Rows and tokens of a tile: the kernel's own numbers. */
  private record Tile(int rows, int tokens) {
    static Tile of(int headDim) {
      return headDim > 128 ? new Tile(64, 32) : new Tile(128, 64);
    }

    /** Queries, and two stages of keys and values. */
    int sharedBytes(PagedCache cache) {
      int element = cache.fp8() ? 1 : 2;
      return rows * (2 * cache.headDim() + 16) + 4 * tokens * (element * cache.headDim() + 16);
    }
  }

  void run(
      PagedDecodeAttention.Call call,
      Sequences sequences,
      PagedCache cache,
      Workspace workspace,
      Stream stream) {
    if (sequences.count() == 0) {
      return;
    }
    AttentionShape shape = call.shape();
    Tile tile = Tile.of(cache.headDim());
    int tiles =
        cache.kvHeads()
            * Math.ceilDiv(sequences.mostQueries() * shape.headsPerKvHead(), tile.rows());
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
        .pointer(sequences.queryCounts())
        .pointer(call.out())
        .pointer(workspace.partials())
        .pointer(workspace.sums())
        .pointer(workspace.arrivals())
        .integer(shape.heads())
        .integer(cache.kvHeads())
        .integer(shape.headDim())
        .integer(cache.blockSize())
        .integer(shape.window())
        .real(shape.scale())
        .real(shape.softcap())
        .real(cache.keyScale())
        .real(cache.valueScale())
        .launch(
            stream,
            new Grid(tiles, sequences.count(), workspace.parts(tiles * sequences.count())),
            THREADS,
            tile.sharedBytes(cache));
  }

  private Kernel kernel(PagedCache cache) {
    return kernels.computeIfAbsent(
        cache.type() + "_" + cache.headDim(), variant -> modules.kernel(SIGNATURE, variant));
  }
}
