package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.scheduler.StepPlan;

/**
 * What attention needs to know of a step's sequences: those with one row, for the kernel that is
 * split over their tokens, apart from those with many.
 */
final class SequenceInputs {
  private final Kind one;
  private final Kind many;

  /** Arrays of one kind of sequences, and how many there are now. */
  private static final class Kind {
    private final StepArea.Part slots;
    private final StepArea.Part lengths;
    private final StepArea.Part firstRows;
    private final StepArea.Part counts;
    private int count;
    private int mostRows;

    Kind(StepArea area, int sequences) {
      slots = area.reserve(4L * sequences);
      lengths = area.reserve(4L * sequences);
      firstRows = area.reserve(4L * sequences);
      counts = area.reserve(4L * sequences);
    }

    void clear() {
      count = 0;
      mostRows = 0;
    }

    void add(int slot, int length, int firstRow, int rows) {
      slots.set(count, slot);
      lengths.set(count, length);
      firstRows.set(count, firstRow);
      counts.set(count, rows);
      mostRows = Math.max(mostRows, rows);
      count++;
    }
  }

  /**
   * @param sequences most of them in a step
   */
  SequenceInputs(StepArea area, int sequences) {
    one = new Kind(area, sequences);
    many = new Kind(area, sequences);
  }

  /**
   * @param rows of the plan, padding included: sequences that see nothing
   */
  void set(StepPlan plan, int rows) {
    one.clear();
    many.clear();
    for (int s = 0; s < plan.sequences(); s++) {
      int first = plan.queryStarts()[s];
      int count = plan.queryStarts()[s + 1] - first;
      (count == 1 ? one : many)
          .add(plan.sequenceSlots()[s], plan.sequenceLengths()[s], first, count);
    }
    for (int row = plan.rows(); row < rows; row++) {
      one.add(0, 0, row, 1);
    }
  }

  PagedDecodeAttention.Sequences withOneRow(DeviceBuffer tables, int stride) {
    return new PagedDecodeAttention.Sequences(
        one.count,
        tables,
        stride,
        one.slots.device(),
        one.lengths.device(),
        one.firstRows.device(),
        mostNew());
  }

  /**
   * Of what a sequence with one row sees, the last tokens that this step writes: its own, and what
   * it shares with a sequence that writes it now. Those with one row write the last token of a
   * block at most; those with many can write any.
   */
  private int mostNew() {
    return many.count == 0 ? 2 : Integer.MAX_VALUE / 2;
  }

  PagedPrefillAttention.Sequences withManyRows(DeviceBuffer tables, int stride) {
    return new PagedPrefillAttention.Sequences(
        many.count,
        many.mostRows,
        tables,
        stride,
        many.slots.device(),
        many.lengths.device(),
        many.firstRows.device(),
        many.counts.device());
  }
}
