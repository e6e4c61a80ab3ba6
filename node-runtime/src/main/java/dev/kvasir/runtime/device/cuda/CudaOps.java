package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Activation;
import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.device.Buffer;
import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.HeadNorms;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.Collection;
import java.util.Optional;
import java.util.stream.IntStream;

/** The ops on a GPU: each gives its kernels to one stream. */
final class CudaOps implements Ops, AutoCloseable {
  private final Gpu gpu;
  private final Stream stream;
  private final StepArea area = new StepArea();
  private final StepInputs inputs;
  private final BlockTables tables;
  private final FetchStep fetchStep;
  private final DeviceBuffer fetches;
  private final DrawnTokens drawn;
  private final StepGraphs graphs;
  private final RowBuckets buckets;
  private final int longestSequence;
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

  // The current step's.
  private StepPlan plan;
  private int rows;
  private int sampled;
  private int longest;
  private boolean keepsLogits;
  private float[][] hiddenStates;

  /** Whether a step was given to the stream as far as it goes, so that both sides' counts agree. */
  private boolean whole = true;

  CudaOps(CudaParts parts, Device.Workspace workspace, Collection<Rope> ropes) {
    this.gpu = parts.gpu();
    this.stream = parts.stream();
    KernelModules modules = parts.modules();
    DeviceMemory memory = parts.memory();
    int mostRows = workspace.rows();
    int multiprocessors = gpu.multiprocessors();
    int groups = parts.layout().groups().length;
    longestSequence = workspace.sequenceLength();
    inputs = new StepInputs(area, mostRows, workspace.sampledRows(), groups, ropes);
    tables =
        new BlockTables(
            area,
            memory,
            stream,
            groups,
            workspace.sequences(),
            workspace.sequenceLength(),
            parts.layout().blockSize());
    sample = new SampleOp(parts, area, workspace);
    area.allocate(memory);
    fetchStep = new FetchStep(modules);
    fetches = memory.allocate(DeviceMemory.Use.WORKSPACE, 4);
    stream.fill(fetches, (byte) 0);
    drawn =
        new DrawnTokens(modules, memory, stream, workspace.sequences(), workspace.sampledRows());
    graphs = new StepGraphs(stream);
    buckets =
        parts.recorded()
            ? RowBuckets.upTo(
                Math.min(mostRows, Math.min(workspace.sequences(), workspace.sampledRows())))
            : RowBuckets.NONE;
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
            LinearPlan.Chip.of(gpu),
            LinearWorkspace.forPlans(memory, stream, multiprocessors),
            LinearOp.Scratch.allocate(
                memory, mostRows, workspace.widestInput(), parts.widestPart()));
    attention = new AttentionOp(modules, memory, stream, multiprocessors, parts.layout().headDim());
    stream.synchronize();
  }

  /** About what the workspaces take. */
  static long bytes(Device.Workspace workspace, KvLayout layout, int multiprocessors) {
    int stride = Math.ceilDiv(workspace.sequenceLength(), layout.blockSize());
    return BlockTables.bytes(layout.groups().length, workspace.sequences(), stride)
        + 4 * LinearPlan.mostPartials(multiprocessors)
        + 4L * workspace.rows() * workspace.widestInput()
        + SampleOp.bytes(workspace)
        + AttentionOp.workspaceBytes(multiprocessors, layout.headDim());
  }

  @Override
  public StepHandle run(StepPlan next, boolean drawsLater, Model model) {
    bind();
    if (!whole) {
      restart();
    }
    whole = false;
    plan = next;
    hiddenStates = null;
    boolean decodes = decodes(next);
    int padded = decodes ? buckets.of(next.rows()) : 0;
    boolean recorded = padded > 0;
    rows = recorded ? padded : next.rows();
    sampled = recorded ? padded : next.sampled().count();
    // What is recorded must not depend on how long sequences are; what is not gives the same.
    longest = decodes ? longestSequence : IntStream.of(next.sequenceLengths()).max().orElse(1);
    inputs.set(next, rows, sampled);
    keepsLogits = !drawsLater && sample.prepare(next.sampled(), sampled, drawn.turn());
    area.seal(tables.update(next, this::fetchUpdates), rows);
    if (recorded) {
      StepGraphs.Kind kind = new StepGraphs.Kind(padded, !drawsLater, keepsLogits);
      graphs.run(kind, () -> calls(model, !drawsLater));
    } else {
      calls(model, !drawsLater);
    }
    area.turn();
    StepHandle handle = drawsLater ? new DrawnLater(model) : drawn();
    whole = true;
    return handle;
  }

  /** After a step that failed on its way: nobody knows how much of it the stream has got. */
  private void restart() {
    stream.synchronize();
    stream.fill(fetches, (byte) 0);
    area.restart();
    drawn.restart();
  }

  private void bind() {
    if (bound != Thread.currentThread()) {
      gpu.makeCurrent();
      bound = Thread.currentThread();
    }
  }

  /** Whether every row is a sequence's only one and has its next token drawn. */
  private static boolean decodes(StepPlan plan) {
    int rows = plan.rows();
    boolean decodes = plan.sequences() == rows && plan.sampled().count() == rows;
    for (int row = 0; decodes && row < rows; row++) {
      decodes = plan.sampled().draws(row);
    }
    return decodes;
  }

  private void calls(Model model, boolean draws) {
    fetch();
    model.forward(plan);
    if (draws) {
      model.draw();
    }
  }

  private void fetch() {
    fetchStep.run(
        area,
        fetches,
        tables.updates(),
        tables.all(),
        inputs.tokenPart(),
        inputs.rowSlotPart(),
        drawn.lastBySlot(),
        stream);
  }

  /** Has a step's inputs taken over so far, because there are more updates than fit. */
  private void fetchUpdates() {
    area.seal(tables.mostUpdates(), 0);
    fetch();
    area.turn();
    stream.synchronize();
  }

  private StepHandle drawn() {
    SampledRows wanted = plan.sampled();
    float[][] states = hiddenStates;
    sample.bringScores(wanted, drawn.turn());
    int turn = drawn.end();
    return () -> {
      StepResult result = drawn.read(turn, wanted.count());
      sample.readScores(wanted, turn, result);
      SampleOp.putHiddenStates(states, result);
      return result;
    };
  }

  /** A step whose rows wait for what the host has to say of them. */
  private final class DrawnLater implements StepHandle {
    private final Model model;
    private StepHandle drawn;

    DrawnLater(Model model) {
      this.model = model;
    }

    @Override
    public void draw() {
      sampled = plan.sampled().count();
      keepsLogits = sample.prepareNow(plan.sampled(), CudaOps.this.drawn.turn());
      model.draw();
      drawn = CudaOps.this.drawn();
    }

    @Override
    public StepResult await() {
      return drawn.await();
    }
  }

  @Override
  public void embed(Weight table, float scale, Buffer out) {
    CudaBuffer to = CudaBuffer.of(out);
    gatherTiles.run(
        CudaWeight.of(table).tiles(),
        inputs.tokens(),
        rows,
        to.columns(),
        scale,
        to.write(rows),
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
    attention.run(
        from,
        shape,
        kv.cache(),
        inputs.sequences(),
        tables.of(kv.group()),
        tables.stride(),
        longest,
        CudaBuffer.of(out));
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
    gatherRows.run(
        from.read(), inputs.sampledRows(), sampled, to.columns(), 1, to.write(sampled), stream);
  }

  @Override
  public void sample(Buffer hidden, Buffer logits) {
    sample.draw(CudaBuffer.of(logits), sampled, keepsLogits, drawn.drawn());
    drawn.keep(inputs.sampledSlots(), sampled);
    hiddenStates = sample.hiddenStates(CudaBuffer.of(hidden), plan.sampled());
  }

  @Override
  public void close() {
    graphs.close();
    drawn.close();
    sample.close();
    area.close();
  }
}
