package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.scheduler.StepResult;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The tokens that steps drew: the last of each slot on the GPU, where the next step takes it from,
 * and those of the last two steps on the host.
 */
final class DrawnTokens implements AutoCloseable {
  private final KeepDrawn kernel;
  private final Stream stream;
  private final int most;
  private final DeviceBuffer drawn;
  private final DeviceBuffer lastBySlot;
  private final DeviceBuffer turns;
  private final PinnedMemory results;
  private final Event[] ends = {new Event(), new Event()};
  private int turn;

  /**
   * @param most rows that a step draws
   */
  DrawnTokens(KernelModules modules, DeviceMemory memory, Stream stream, int slots, int most) {
    this.kernel = new KeepDrawn(modules);
    this.stream = stream;
    this.most = most;
    drawn = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * most);
    lastBySlot = memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * slots);
    turns = memory.allocate(DeviceMemory.Use.WORKSPACE, 4);
    results = PinnedMemory.allocate(8L * most);
    stream.fill(lastBySlot, (byte) 0);
    stream.fill(turns, (byte) 0);
  }

  DeviceBuffer lastBySlot() {
    return lastBySlot;
  }

  /** Where a step writes the tokens that it draws, one a row. */
  DeviceBuffer drawn() {
    return drawn;
  }

  /** Keeps what a step has drawn; part of a recorded step. */
  void keep(DeviceBuffer slots, int count) {
    kernel.run(drawn, slots, count, lastBySlot, turns, results, most, stream);
  }

  /** The turn of the step that ends next. */
  int turn() {
    return turn;
  }

  /** The step that was given to the stream has kept its tokens; gives the turn to read it by. */
  int end() {
    int mine = turn;
    turn ^= 1;
    ends[mine].record(stream);
    return mine;
  }

  /** Waits for a step's tokens. */
  StepResult read(int mine, int count) {
    ends[mine].await();
    StepResult result = StepResult.ofRows(count);
    MemorySegment.copy(
        results.segment(), ValueLayout.JAVA_INT, 4L * mine * most, result.tokens(), 0, count);
    Arrays.fill(result.logprobs(), Float.NaN);
    return result;
  }

  /** Begins to count anew, on the GPU and here. */
  void restart() {
    stream.fill(turns, (byte) 0);
    turn = 0;
  }

  @Override
  public void close() {
    results.close();
    ends[0].close();
    ends[1].close();
  }
}
