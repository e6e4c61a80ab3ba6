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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ops on the CPU: each runs at once, its loop shared out over the pool. */
final class CpuOps implements Ops {
  private final WorkerPool pool;
  private final Device.Workspace workspace;
  private final MatrixProduct product;
  private final LinearObserver observer;
  private final AttentionOp attentionOp;
  private final RowOps rowOps;
  private final KvWriter kvWriter = new KvWriter();
  private final SampleOp sampleOp;
  private final List<StepAngles> angles = new ArrayList<>();
  private final WorkerPool.Body embedding = this::embedRows;
  private final WorkerPool.Body writing = this::writeRows;
  private final WorkerPool.Body sampling = this::sampleRows;
  private final StepHandle done;
  private StepPlan plan;

  // The op that runs.
  private CpuWeight table;
  private float scale;
  private CpuBuffer rows;
  private int[] slots;

  CpuOps(WorkerPool pool, Device.Workspace workspace, LinearObserver observer) {
    this.observer = observer;
    this.pool = pool;
    this.workspace = workspace;
    this.product = new MatrixProduct(pool);
    this.attentionOp = new AttentionOp(pool);
    this.rowOps = new RowOps(pool);
    this.sampleOp = new SampleOp(pool.threads());
    this.done = sampleOp::result;
  }

  @Override
  public StepHandle run(StepPlan plan, boolean drawsLater, Model model) {
    if (drawsLater) {
      throw new IllegalStateException("the CPU has one step at a time and draws at once");
    }
    begin(plan);
    model.forward(plan);
    model.draw();
    return done;
  }

  private void begin(StepPlan plan) {
    this.plan = plan;
    attentionOp.begin(plan);
    for (int i = 0; i < angles.size(); i++) {
      angles.get(i).forget();
    }
  }

  @Override
  public void embed(Weight table, float scale, Buffer out) {
    this.table = CpuWeight.of(table);
    this.scale = scale;
    rows = CpuBuffer.of(out);
    rows.setRows(plan.rows());
    rowOps.run(rows, embedding);
  }

  private void embedRows(int worker, int from, int end) {
    for (int row = from; row < end; row++) {
      int at = row * rows.columns();
      table.copyRow(plan.tokenIds()[row], rows.data(), at);
      if (scale != 1) {
        RowKernels.scale(rows.data(), at, rows.columns(), scale);
      }
    }
  }

  @Override
  public void norm(Buffer in, WeightVector weight, float epsilon, Buffer out) {
    rowOps.norm(CpuBuffer.of(in), ((CpuVector) weight).values(), epsilon, CpuBuffer.of(out));
  }

  @Override
  public void addNorm(
      Buffer residual,
      Buffer delta,
      WeightVector weight,
      float epsilon,
      Weight reader,
      Buffer out) {
    rowOps.addNorm(
        CpuBuffer.of(residual),
        CpuBuffer.of(delta),
        ((CpuVector) weight).values(),
        epsilon,
        CpuBuffer.of(out));
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
    rows = CpuBuffer.of(qkv);
    CpuKvCache.Layer kv = CpuKvCache.Layer.of(layer);
    slots = plan.groups().get(kv.group()).slotMapping();
    kv.cache().provide(slots);
    kvWriter.begin(rows.data(), shape, norms.orElse(null), anglesOf(rope), kv);
    rowOps.run(rows, writing);
  }

  private void writeRows(int worker, int from, int end) {
    for (int row = from; row < end; row++) {
      kvWriter.write(row, slots[row]);
    }
  }

  private RopeAngles anglesOf(Rope rope) {
    for (int i = 0; i < angles.size(); i++) {
      if (angles.get(i).rope.equals(rope)) {
        return angles.get(i).of(plan);
      }
    }
    StepAngles added = new StepAngles(rope, workspace.rows());
    angles.add(added);
    return added.of(plan);
  }

  @Override
  public void attention(Buffer qkv, AttentionShape shape, KvLayer layer, Buffer out) {
    attentionOp.run(CpuBuffer.of(qkv), shape, CpuKvCache.Layer.of(layer), CpuBuffer.of(out));
  }

  @Override
  public void gateUpAct(Buffer gateUp, Activation activation, Weight reader, Buffer out) {
    rowOps.gateUpAct(CpuBuffer.of(gateUp), activation, CpuBuffer.of(out));
  }

  @Override
  public void softcap(Buffer rows, float cap) {
    rowOps.softcap(CpuBuffer.of(rows), cap);
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
    pool.forEach(plan.sampled().count(), 1, sampling);
  }

  private void sampleRows(int worker, int from, int end) {
    for (int row = from; row < end; row++) {
      sampleOp.run(worker, row);
    }
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
