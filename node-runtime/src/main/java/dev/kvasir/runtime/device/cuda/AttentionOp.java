package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/** Attention of a step's rows, each as a sequence of its own. */
final class AttentionOp {
  /** Parts that all sequences of a step together can be split into. */
  private static final int WAVES = 8;

  private final Stream stream;
  private final int multiprocessors;
  private final PagedDecodeAttention decode;
  private final PagedDecodeAttention.Workspace workspace;
  private final DeviceBuffer eachRow;

  AttentionOp(
      KernelModules modules,
      DeviceMemory memory,
      Stream stream,
      int multiprocessors,
      int rows,
      int headDim) {
    this.stream = stream;
    this.multiprocessors = multiprocessors;
    decode = new PagedDecodeAttention(modules);
    workspace =
        PagedDecodeAttention.Workspace.allocate(
            memory, stream, WAVES * 3 * multiprocessors, PagedCache.storedDim(headDim));
    eachRow = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * rows);
    try (Arena arena = Arena.ofConfined()) {
      eachRow.write(arena.allocateFrom(ValueLayout.JAVA_INT, IntStream.range(0, rows).toArray()));
    }
  }

  /**
   * A step's rows.
   *
   * @param longest that any of them sees
   */
  record Rows(
      int count,
      DeviceBuffer tables,
      int stride,
      DeviceBuffer slots,
      DeviceBuffer lengths,
      int longest) {}

  void run(CudaBuffer qkv, AttentionShape shape, PagedCache cache, Rows rows, CudaBuffer out) {
    PagedDecodeAttention.Call call =
        new PagedDecodeAttention.Call(shape, qkv.read(), qkv.columns(), out.write(rows.count()));
    // Every row may be of one sequence.
    int mostNew = rows.count();
    PagedDecodeAttention.Sequences sequences =
        new PagedDecodeAttention.Sequences(
            rows.count(),
            rows.tables(),
            rows.stride(),
            rows.slots(),
            rows.lengths(),
            eachRow,
            mostNew);
    int splits = PagedDecodeAttention.splits(shape, rows.count(), rows.longest(), multiprocessors);
    decode.run(call, sequences, cache, splits, workspace, stream);
  }
}
