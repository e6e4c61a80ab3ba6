package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Activation;
import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.device.Buffer;
import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.HeadNorms;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ops on the CPU: each runs at once, its loop shared out over the pool. */
final class CpuOps implements Ops {
  /** Elements of row-wise work below which one thread is enough. */
  private static final int FEW_ELEMENTS = 16 * 1024;

  private final WorkerPool pool;
  private final Device.Workspace workspace;
  private final MatrixProduct product;
  private final LinearObserver observer;
  private final float[][] attentionWeights;
  private final SampleOp sampleOp;
  private final List<StepAngles> angles = new ArrayList<>();
  private StepPlan plan;
  private int[] sequenceOfRow = {};

  CpuOps(WorkerPool pool, Device.Workspace workspace, LinearObserver observer) {
    this.observer = observer;
    this.pool = pool;
    this.workspace = workspace;
    this.product = new MatrixProduct(pool);
    this.attentionWeights = new float[pool.threads()][0];
    this.sampleOp = new SampleOp(pool.threads());
  }

  @Override
  public StepHandle run(StepPlan plan, boolean drawsLater, Model model) {
    if (drawsLater) {
      throw new IllegalStateException("the CPU has one step at a time and draws at once");
    }
    begin(plan);
    model.forward(plan);
    model.draw();
    StepResult result = sampleOp.result();
    return () -> result;
  }

  private void begin(StepPlan plan) {
    this.plan = plan;
    sequenceOfRow = new int[plan.rows()];
    for (int s = 0; s < plan.sequences(); s++) {
      java.util.Arrays.fill(sequenceOfRow, plan.queryStarts()[s], plan.queryStarts()[s + 1], s);
    }
    angles.forEach(StepAngles::forget);
  }

  @Override
  public void embed(Weight table, float scale, Buffer out) {
    CpuWeight weight = CpuWeight.of(table);
    CpuBuffer to = CpuBuffer.of(out);
    to.setRows(plan.rows());
    forRows(
        to,
        row -> {
          int at = row * to.columns();
          weight.copyRow(plan.tokenIds()[row], to.data(), at);
          if (scale != 1) {
            RowKernels.scale(to.data(), at, to.columns(), scale);
          }
        });
  }

  @Override
  public void norm(Buffer in, WeightVector weight, float epsilon, Buffer out) {
    CpuBuffer from = CpuBuffer.of(in);
    CpuBuffer to = CpuBuffer.of(out);
    float[] w = ((CpuVector) weight).values();
    to.setRows(from.rows());
    forRows(
        from, row -> RowKernels.rmsNorm(from.data(), row * from.columns(), w, epsilon, to.data()));
  }

  @Override
  public void addNorm(
      Buffer residual,
      Buffer delta,
      WeightVector weight,
      float epsilon,
      Weight reader,
      Buffer out) {
    CpuBuffer sum = CpuBuffer.of(residual);
    CpuBuffer add = CpuBuffer.of(delta);
    CpuBuffer to = CpuBuffer.of(out);
    float[] w = ((CpuVector) weight).values();
    to.setRows(sum.rows());
    forRows(
        sum,
        row -> {
          int at = row * sum.columns();
          RowKernels.add(sum.data(), add.data(), at, sum.columns());
          RowKernels.rmsNorm(sum.data(), at, w, epsilon, to.data());
        });
  }

  @Override
  public void linear(Buffer in, Weight weight, Buffer out) {
    CpuBuffer from = CpuBuffer.of(in);
    observer.onInput(from.data(), from.rows(), from.columns());
    product.run(from, CpuWeight.of(weight), CpuBuffer.of(out));
  }

  @Override
  public void qkvRopeWrite(
      Buffer qkv, AttentionShape shape, Optional<HeadNorms> norms, Rope rope, KvLayer layer) {
    CpuBuffer rows = CpuBuffer.of(qkv);
    CpuKvCache.Layer kv = CpuKvCache.Layer.of(layer);
    int[] slots = plan.groups().get(kv.group()).slotMapping();
    kv.cache().provide(slots);
    KvWriter writer = new KvWriter(rows.data(), shape, norms.orElse(null), anglesOf(rope), kv);
    forRows(rows, row -> writer.write(row, slots[row]));
  }

  private RopeAngles anglesOf(Rope rope) {
    for (StepAngles known : angles) {
      if (known.rope.equals(rope)) {
        return known.of(plan);
      }
    }
    StepAngles added = new StepAngles(rope, workspace.rows());
    angles.add(added);
    return added.of(plan);
  }

  @Override
  public void attention(Buffer qkv, AttentionShape shape, KvLayer layer, Buffer out) {
    CpuBuffer from = CpuBuffer.of(qkv);
    CpuBuffer to = CpuBuffer.of(out);
    CpuKvCache.Layer kv = CpuKvCache.Layer.of(layer);
    int[][] tables = plan.groups().get(kv.group()).blockTables();
    AttentionKernel kernel = new AttentionKernel(kv, shape);
    int rows = from.rows();
    to.setRows(rows);
    // Head by head, so that one head's keys and values stay in the cache for all rows.
    pool.forEach(
        rows * shape.heads(),
        1,
        (worker, first, end) -> {
          float[] weights = weightsOf(worker);
          for (int item = first; item < end; item++) {
            int head = item / rows;
            int row = item % rows;
            kernel.run(
                from.data(),
                row * shape.qkvWidth() + head * shape.headDim(),
                tables[sequenceOfRow[row]],
                plan.positions()[row] + 1,
                head,
                weights,
                to.data(),
                row * shape.queryWidth() + head * shape.headDim());
          }
        });
  }

  private float[] weightsOf(int worker) {
    if (attentionWeights[worker].length == 0) {
      // Whole blocks and whole vectors are written, so there is room for one more of either.
      attentionWeights[worker] = new float[workspace.sequenceLength() + 256];
    }
    return attentionWeights[worker];
  }

  @Override
  public void gateUpAct(Buffer gateUp, Activation activation, Weight reader, Buffer out) {
    CpuBuffer from = CpuBuffer.of(gateUp);
    CpuBuffer to = CpuBuffer.of(out);
    to.setRows(from.rows());
    switch (activation) {
      case SILU ->
          forRows(
              from,
              row ->
                  RowKernels.siluAndMultiply(
                      from.data(),
                      row * from.columns(),
                      to.columns(),
                      to.data(),
                      row * to.columns()));
      case GELU_TANH ->
          forRows(
              from,
              row ->
                  RowKernels.geluAndMultiply(
                      from.data(),
                      row * from.columns(),
                      to.columns(),
                      to.data(),
                      row * to.columns()));
    }
  }

  @Override
  public void softcap(Buffer rows, float cap) {
    CpuBuffer capped = CpuBuffer.of(rows);
    forRows(
        capped,
        row -> RowKernels.softcap(capped.data(), row * capped.columns(), capped.columns(), cap));
  }

  @Override
  public void allReduce(Buffer buffer) {
    // One device holds every part of the sum.
  }

  @Override
  public void selectSampled(Buffer in, Buffer out) {
    CpuBuffer from = CpuBuffer.of(in);
    CpuBuffer to = CpuBuffer.of(out);
    int[] rows = plan.sampled().rows();
    to.setRows(rows.length);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(
          from.data(), rows[i] * from.columns(), to.data(), i * to.columns(), to.columns());
    }
  }

  @Override
  public void sample(Buffer hidden, Buffer logits) {
    sampleOp.begin(CpuBuffer.of(hidden), CpuBuffer.of(logits), plan.sampled());
    pool.forEach(
        plan.sampled().count(),
        1,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            sampleOp.run(worker, row);
          }
        });
  }

  private interface RowBody {
    void run(int row);
  }

  private void forRows(CpuBuffer buffer, RowBody body) {
    int grain = Math.max(1, FEW_ELEMENTS / buffer.columns());
    pool.forEach(
        buffer.rows(),
        grain,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            body.run(row);
          }
        });
  }

  /** The angles of the current step, computed when a layer first asks. */
  private static final class StepAngles {
    private final Rope rope;
    private final RopeAngles angles;
    private boolean current;

    StepAngles(Rope rope, int maxRows) {
      this.rope = rope;
      this.angles = new RopeAngles(rope, maxRows);
    }

    void forget() {
      current = false;
    }

    RopeAngles of(StepPlan plan) {
      if (!current) {
        angles.compute(plan.positions(), plan.ropeLengths());
        current = true;
      }
      return angles;
    }
  }
}
