package dev.kvasir.runtime.device.cuda;

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
import java.util.Collection;
import java.util.Optional;
import java.util.stream.IntStream;

/** The ops on a GPU: each gives its kernels to one stream. */
final class CudaOps implements Ops, AutoCloseable {
  private final Gpu gpu;
  private final Stream stream;
  private final StepInputs inputs;
  private final BlockTables tables;
  private final GatherTiles gatherTiles;
  private final GatherRows gatherRows;
  private final AddRmsNorm addRmsNorm;
  private final GateUpAct gateUpAct;
  private final RopeKvWrite ropeKvWrite;
  private final Softcap softcap;
  private final LinearOp linear;
  private final AttentionOp attention;
  private final SampleOp sample;
  private Thread bound;
  private StepPlan plan;

  CudaOps(CudaParts parts, Device.Workspace workspace, Collection<Rope> ropes) {
    this.gpu = parts.gpu();
    this.stream = parts.stream();
    KernelModules modules = parts.modules();
    DeviceMemory memory = parts.memory();
    int rows = workspace.rows();
    int multiprocessors = gpu.multiprocessors();
    int groups = parts.layout().groups().length;
    inputs = new StepInputs(memory, rows, workspace.sampledRows(), groups, ropes);
    tables =
        new BlockTables(
            modules,
            memory,
            stream,
            groups,
            workspace.sequences(),
            workspace.sequenceLength(),
            parts.layout().blockSize());
    gatherTiles = new GatherTiles(modules);
    gatherRows = new GatherRows(modules);
    addRmsNorm = new AddRmsNorm(modules);
    gateUpAct = new GateUpAct(modules);
    ropeKvWrite = new RopeKvWrite(modules);
    softcap = new Softcap(modules);
    linear =
        new LinearOp(
            modules,
            stream,
            multiprocessors,
            LinearWorkspace.forPlans(memory, stream, multiprocessors),
            LinearOp.Scratch.allocate(memory, rows, workspace.widestInput(), parts.widestPart()));
    attention =
        new AttentionOp(modules, memory, stream, multiprocessors, rows, parts.layout().headDim());
    sample = new SampleOp(modules, memory, stream, workspace.sampledRows());
    stream.synchronize();
  }

  @Override
  public void begin(StepPlan plan) {
    if (bound != Thread.currentThread()) {
      gpu.makeCurrent();
      bound = Thread.currentThread();
    }
    this.plan = plan;
    inputs.set(plan, stream);
    tables.update(plan);
  }

  @Override
  public void embed(Weight table, float scale, Buffer out) {
    CudaBuffer to = CudaBuffer.of(out);
    gatherTiles.run(
        CudaWeight.of(table).tiles(),
        inputs.tokens(),
        plan.rows(),
        to.columns(),
        scale,
        to.write(plan.rows()),
        stream);
  }

  @Override
  public void norm(Buffer in, WeightVector weight, float epsilon, Buffer out) {
    CudaBuffer from = CudaBuffer.of(in);
    norm(from, null, weight, epsilon, null, CudaBuffer.of(out));
  }

  @Override
  public void addNorm(
      Buffer residual,
      Buffer delta,
      WeightVector weight,
      float epsilon,
      Weight reader,
      Buffer out) {
    CudaBuffer sum = CudaBuffer.of(residual);
    norm(sum, CudaBuffer.of(delta).read(), weight, epsilon, reader, CudaBuffer.of(out));
  }

  private void norm(
      CudaBuffer from,
      DeviceBuffer delta,
      WeightVector weight,
      float epsilon,
      Weight reader,
      CudaBuffer out) {
    int rows = from.rows();
    AddRmsNorm.Input input =
        new AddRmsNorm.Input(
            from.read(), delta, CudaVector.of(weight).values(), epsilon, rows, from.columns());
    Quantization as = quantizationOf(reader);
    if (as == null) {
      addRmsNorm.run(input, out.write(rows), stream);
    } else {
      addRmsNorm.run(input, out.write(rows, as), stream);
    }
  }

  /** In which 8 bits a linear layer takes its input; null where it does not. */
  private static Quantization quantizationOf(Weight reader) {
    return reader == null ? null : CudaWeight.of(reader).input();
  }

  @Override
  public void linear(Buffer in, Weight weight, Buffer out) {
    linear.run(CudaBuffer.of(in), CudaWeight.of(weight), CudaBuffer.of(out));
  }

  @Override
  public void qkvRopeWrite(
      Buffer qkv, AttentionShape shape, Optional<HeadNorms> norms, Rope rope, KvLayer layer) {
    CudaBuffer rows = CudaBuffer.of(qkv);
    CudaKvLayer kv = CudaKvLayer.of(layer);
    HeadNorms heads = norms.orElse(null);
    RopeKvWrite.Rotation rotation =
        inputs
            .rope(rope)
            .rotation(
                heads == null ? null : CudaVector.of(heads.query()).values(),
                heads == null ? null : CudaVector.of(heads.key()).values(),
                heads == null ? 0 : heads.epsilon());
    ropeKvWrite.run(
        rows.read(),
        rows.rows(),
        shape,
        inputs.positions(),
        inputs.slotMapping(kv.group()),
        rotation,
        kv.cache(),
        stream);
  }

  @Override
  public void attention(Buffer qkv, AttentionShape shape, KvLayer layer, Buffer out) {
    CudaBuffer from = CudaBuffer.of(qkv);
    CudaKvLayer kv = CudaKvLayer.of(layer);
    AttentionOp.Rows rows =
        new AttentionOp.Rows(
            from.rows(),
            tables.of(kv.group()),
            tables.stride(),
            inputs.rowSlots(),
            inputs.lengths(),
            IntStream.of(plan.sequenceLengths()).max().orElse(1));
    attention.run(from, shape, kv.cache(), rows, CudaBuffer.of(out));
  }

  @Override
  public void gateUpAct(Buffer gateUp, Activation activation, Weight reader, Buffer out) {
    CudaBuffer from = CudaBuffer.of(gateUp);
    CudaBuffer to = CudaBuffer.of(out);
    GateUpAct.Function function =
        switch (activation) {
          case SILU -> GateUpAct.Function.SILU;
          case GELU_TANH -> GateUpAct.Function.GELU_TANH;
        };
    Quantization as = quantizationOf(reader);
    int rows = from.rows();
    int columns = to.columns();
    if (as == null) {
      gateUpAct.run(from.read(), rows, columns, function, to.write(rows), stream);
    } else {
      gateUpAct.run(from.read(), rows, columns, function, to.write(rows, as), stream);
    }
  }

  @Override
  public void softcap(Buffer rows, float cap) {
    CudaBuffer capped = CudaBuffer.of(rows);
    softcap.run(capped.read(), (long) capped.rows() * capped.columns(), cap, stream);
  }

  @Override
  public void allReduce(Buffer buffer) {
    // One GPU holds every part of the sum.
  }

  @Override
  public void selectSampled(Buffer in, Buffer out) {
    CudaBuffer from = CudaBuffer.of(in);
    CudaBuffer to = CudaBuffer.of(out);
    int rows = plan.sampled().count();
    DeviceBuffer target = to.write(rows);
    if (rows > 0) {
      gatherRows.run(from.read(), inputs.sampledRows(), rows, to.columns(), 1, target, stream);
    }
  }

  @Override
  public StepHandle sample(Buffer hidden, Buffer logits) {
    return sample.run(
        CudaBuffer.of(hidden), CudaBuffer.of(logits), plan.sampled(), inputs.sampling());
  }

  @Override
  public void close() {
    inputs.close();
    tables.close();
    sample.close();
  }
}
