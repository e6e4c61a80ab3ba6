package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;

/** Attention of a step's rows: a kernel for sequences with one row, another for all others. */
final class AttentionOp {
  /** Parts that all sequences of a step together can be split into. */
  private static final int WAVES = 8;

  private final Stream stream;
  private final int multiprocessors;
  private final PagedDecodeAttention decode;
  private final PagedDecodeAttention.Workspace workspace;
  private final PagedPrefillAttention prefill;
  private final PagedPrefillAttention.Workspace prefillWorkspace;

  AttentionOp(
      KernelModules modules, DeviceMemory memory, Stream stream, int multiprocessors, int headDim) {
    this.stream = stream;
    this.multiprocessors = multiprocessors;
    decode = new PagedDecodeAttention(modules);
    workspace =
        PagedDecodeAttention.Workspace.allocate(
            memory, stream, WAVES * 3 * multiprocessors, PagedCache.storedDim(headDim));
    prefill = new PagedPrefillAttention(modules);
    prefillWorkspace =
        PagedPrefillAttention.Workspace.allocate(memory, stream, multiprocessors, headDim);
  }

  static long workspaceBytes(int multiprocessors, int headDim) {
    return WAVES * 3L * multiprocessors * 8 * (4L * PagedCache.storedDim(headDim) + 8)
        + PagedPrefillAttention.Workspace.bytes(multiprocessors, headDim);
  }

  /**
   * @param tables of the layer's group, by slot
   * @param longest sequence with one row
   */
  void run(
      CudaBuffer qkv,
      AttentionShape shape,
      PagedCache cache,
      SequenceInputs sequences,
      DeviceBuffer tables,
      int stride,
      int longest,
      CudaBuffer out) {
    PagedDecodeAttention.Call call =
        new PagedDecodeAttention.Call(shape, qkv.read(), qkv.columns(), out.write(qkv.rows()));
    PagedDecodeAttention.Sequences one = sequences.withOneRow(tables, stride);
    int splits = PagedDecodeAttention.splits(shape, one.count(), longest, multiprocessors);
    decode.run(call, one, cache, splits, workspace, stream);
    prefill.run(call, sequences.withManyRows(tables, stride), cache, prefillWorkspace, stream);
  }
}
