package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Draws a step's tokens on the GPU or scores known ones. What rows ask for comes with the step's
 * inputs, the masks and lists of those that have any by copies of their own. On the host there is
 * room for two steps by turns.
 */
final class SampleOp implements AutoCloseable {
  private final Stream stream;
  private final Sample kernel;
  private final SampleRows layout;
  private final int vocabulary;
  private final StepArea.Part rowPart;
  private final DeviceBuffer lists;
  private final DeviceBuffer counts;
  private final DeviceBuffer scratch;
  private final DeviceBuffer scores;
  private final DeviceBuffer histories;
  private final PinnedMemory hostLists;
  private final PinnedMemory hostScores;
  private final PinnedMemory hostHistories;
  private int historyTokens;

  /**
   * @param area where the rows' descriptions are reserved
   */
  SampleOp(CudaParts parts, StepArea area, Device.Workspace workspace) {
    DeviceMemory memory = parts.memory();
    int rows = workspace.sampledRows();
    stream = parts.stream();
    vocabulary = workspace.vocabularySize();
    int blocks = Sample.blocks(parts.gpu(), vocabulary);
    kernel = new Sample(parts.modules(), blocks);
    layout = new SampleRows(rows, vocabulary);
    rowPart = area.reserve((long) SampleRows.ROW_BYTES * rows);
    lists = memory.allocate(DeviceMemory.Use.WORKSPACE, layout.bytes());
    counts =
        memory.allocate(
            DeviceMemory.Use.WORKSPACE, Sample.countBytes(workspace.sequences(), vocabulary));
    stream.fill(counts, (byte) 0);
    long scratchBytes = Sample.scratchBytes(blocks, rows, vocabulary);
    scratch = scratchBytes == 0 ? null : memory.allocate(DeviceMemory.Use.WORKSPACE, scratchBytes);
    scores = memory.allocate(DeviceMemory.Use.WORKSPACE, (long) SampleRows.SCORE_BYTES * rows);
    histories = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * workspace.sequenceLength());
    hostLists = PinnedMemory.allocate(2 * layout.bytes());
    hostScores = PinnedMemory.allocate(2 * scores.bytes());
    hostHistories = PinnedMemory.allocate(histories.bytes());
  }

  /** About what it takes of the GPU's memory. */
  static long bytes(Device.Workspace workspace) {
    int rows = workspace.sampledRows();
    int vocabulary = workspace.vocabularySize();
    return new SampleRows(rows, vocabulary).bytes()
        + Sample.countBytes(workspace.sequences(), vocabulary);
  }

  /**
   * Lets a step's rows come over with its other inputs.
   *
   * @param padded rows to draw, some of which nobody asked for
   * @return whether logits are kept: see {@link SampleRows.Packed}
   */
  boolean prepare(SampledRows rows, int padded, int turn) {
    PinnedMemory host = hostLists(turn);
    SampleRows.Packed packed = pack(rows, host);
    MemorySegment to = rowPart.host((long) SampleRows.ROW_BYTES * padded);
    long bytes = (long) SampleRows.ROW_BYTES * rows.count();
    MemorySegment.copy(host.segment(), 0, to, 0, bytes);
    SampleRows.pad(to, rows.count(), padded);
    return packed.keepsLogits();
  }

  /** Brings a step's rows over that was to wait with its draw. */
  boolean prepareNow(SampledRows rows, int turn) {
    PinnedMemory host = hostLists(turn);
    SampleRows.Packed packed = pack(rows, host);
    stream.upload(host, rowPart.device(), (long) SampleRows.ROW_BYTES * rows.count());
    return packed.keepsLogits();
  }

  private PinnedMemory hostLists(int turn) {
    return hostLists.slice(turn * layout.bytes(), layout.bytes());
  }

  private SampleRows.Packed pack(SampledRows rows, PinnedMemory host) {
    SampleRows.Packed packed = layout.pack(rows, host.segment());
    for (SampleRows.Piece piece : packed.pieces()) {
      if (piece.offset() > 0) {
        stream.upload(
            host.slice(piece.offset(), piece.bytes()),
            lists.slice(piece.offset(), piece.bytes()),
            piece.bytes());
      }
    }
    for (int row = 0; row < rows.count(); row++) {
      if (rows.histories()[row] != null) {
        count(rows.slots()[row], rows.histories()[row], rows.promptLengths()[row]);
      }
    }
    return packed;
  }

  /** Begins a slot's counts anew. */
  private void count(int slot, int[] history, int promptLength) {
    if (4L * (historyTokens + history.length) > histories.bytes()) {
      stream.synchronize();
      historyTokens = 0;
    }
    long at = 4L * historyTokens;
    long bytes = 4L * history.length;
    PinnedMemory host = hostHistories.slice(at, bytes);
    MemorySegment.copy(history, 0, host.segment(), ValueLayout.JAVA_INT, 0, history.length);
    DeviceBuffer tokens = histories.slice(at, bytes);
    stream.upload(host, tokens, bytes);
    kernel.count(slot, true, tokens, history.length, promptLength, vocabulary, counts, stream);
    historyTokens += history.length;
  }

  /** Draws; the part of a step that can be recorded. */
  void draw(CudaBuffer logits, int rows, boolean keepsLogits, DeviceBuffer tokens) {
    kernel.run(
        logits.data(),
        rows,
        vocabulary,
        new Sample.Input(layout, rowPart.device(), lists, counts, scratch),
        keepsLogits,
        new Sample.Output(tokens, scores),
        stream);
  }

  /** Has the log-probabilities brought to the host that rows asked for. */
  void bringScores(SampledRows rows, int turn) {
    if (wantsScores(rows)) {
      long bytes = (long) SampleRows.SCORE_BYTES * rows.count();
      stream.download(scores.slice(0, bytes), hostScores.slice(turn * scores.bytes(), bytes));
    }
  }

  private static boolean wantsScores(SampledRows rows) {
    for (int row = 0; row < rows.count(); row++) {
      if (rows.topLogprobs()[row] >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Adds the log-probabilities to a step's tokens, which are there. */
  void readScores(SampledRows rows, int turn, StepResult result) {
    MemorySegment host = hostScores.slice(turn * scores.bytes(), scores.bytes()).segment();
    for (int row = 0; row < rows.count(); row++) {
      if (rows.topLogprobs()[row] >= 0 && result.tokens()[row] >= 0) {
        SampleRows.readScore(host, rows, row, vocabulary, result);
      }
    }
  }

  /** The hidden states that rows ask for; null where none does. Waits for the stream. */
  float[][] hiddenStates(CudaBuffer hidden, SampledRows rows) {
    float[][] states = null;
    for (int row = 0; row < rows.count(); row++) {
      if (rows.wantsHiddenState(row)) {
        if (states == null) {
          states = new float[rows.count()][];
          stream.synchronize();
        }
        states[row] = bf16(hidden, row);
      }
    }
    return states;
  }

  private static float[] bf16(CudaBuffer buffer, int row) {
    try (Arena arena = Arena.ofConfined()) {
      long bytes = CudaBuffer.bf16Bytes(1, buffer.columns());
      MemorySegment host = arena.allocate(bytes, 16);
      buffer.read().slice(row * bytes, bytes).read(host);
      float[] values = new float[buffer.columns()];
      for (int i = 0; i < values.length; i++) {
        values[i] = Elements.fromBf16(host.getAtIndex(ValueLayout.JAVA_SHORT, i));
      }
      return values;
    }
  }

  /** Puts hidden states into a step's result; one that is no number fails its row. */
  static void putHiddenStates(float[][] states, StepResult result) {
    for (int row = 0; states != null && row < states.length; row++) {
      float sum = 0;
      for (int i = 0; states[row] != null && i < states[row].length; i++) {
        sum += states[row][i] * 0;
      }
      if (states[row] != null) {
        result.tokens()[row] = sum == 0 ? 0 : StepResult.NOT_A_NUMBER;
        result.hiddenStates()[row] = states[row];
      }
    }
  }

  @Override
  public void close() {
    hostLists.close();
    hostScores.close();
    hostHistories.close();
  }
}
