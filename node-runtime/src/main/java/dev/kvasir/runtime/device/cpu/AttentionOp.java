package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.Arrays;

/** Shares out the rows and heads of an attention over the pool. One at a time. */
final class AttentionOp {
  private final WorkerPool pool;
  private final AttentionKernel kernel = new AttentionKernel();
  private final AttentionScratch[] scratch;
  private final WorkerPool.Body attending = this::attend;
  private StepPlan plan;
  private int[] sequenceOfRow = {};

  // The attention that runs.
  private CpuBuffer from;
  private AttentionShape shape;
  private int[][] tables;
  private int headsTogether;
  private CpuBuffer to;

  AttentionOp(WorkerPool pool) {
    this.pool = pool;
    this.scratch = new AttentionScratch[pool.threads()];
    Arrays.setAll(scratch, worker -> new AttentionScratch());
  }

  void begin(StepPlan plan) {
    this.plan = plan;
    if (sequenceOfRow.length < plan.rows()) {
      sequenceOfRow = new int[plan.rows()];
    }
    for (int s = 0; s < plan.sequences(); s++) {
      Arrays.fill(sequenceOfRow, plan.queryStarts()[s], plan.queryStarts()[s + 1], s);
    }
  }

  void run(CpuBuffer from, AttentionShape shape, CpuKvCache.Layer layer, CpuBuffer to) {
    this.from = from;
    this.shape = shape;
    this.to = to;
    tables = plan.groups().get(layer.group()).blockTables();
    kernel.begin(layer, shape);
    to.setRows(from.rows());
    headsTogether = headsTogether(from.rows());
    pool.forEach(from.rows() * Math.ceilDiv(shape.heads(), headsTogether), 1, attending);
  }

  /** As many as leave every thread something to do. */
  private int headsTogether(int rows) {
    int heads = AttentionScratch.MOST_HEADS;
    while (heads > 1 && rows * Math.ceilDiv(shape.heads(), heads) < 2 * pool.threads()) {
      heads /= 2;
    }
    return heads;
  }

  /** Some heads for all rows, then the next: their keys and values stay in the cache. */
  private void attend(int worker, int first, int end) {
    int rows = from.rows();
    for (int item = first; item < end; item++) {
      int head = item / rows * headsTogether;
      int row = item % rows;
      kernel.run(
          from.data(),
          row * shape.qkvWidth() + head * shape.headDim(),
          tables[sequenceOfRow[row]],
          plan.positions()[row] + 1,
          head,
          Math.min(headsTogether, shape.heads() - head),
          scratch[worker],
          to.data(),
          row * shape.queryWidth() + head * shape.headDim());
    }
  }
}
