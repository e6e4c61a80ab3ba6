package dev.kvasir.runtime.device.cuda;

/** out = weight * in + bias, in whatever form the weight is and wants its input. */
final class LinearOp {
  private final Stream stream;
  private final LinearPlan.Chip chip;
  private final LinearBf16 bf16;
  private final LinearInt4 int4;
  private final LinearInt8 int8;
  private final LinearFp8 fp8;
  private final QuantizeRows quantizeRows;
  private final MoveColumns moveColumns;
  private final LinearWorkspace workspace;
  private final Scratch scratch;

  /**
   * Rows on their way.
   *
   * @param permuted bfloat16
   * @param quantized a byte a column
   * @param part what a part of a layer gives, float32 at most; null where all layers are whole
   */
  record Scratch(
      DeviceBuffer permuted, DeviceBuffer quantized, DeviceBuffer scales, DeviceBuffer part) {

    static Scratch allocate(DeviceMemory memory, int rows, int widestInput, int widestPart) {
      return new Scratch(
          memory.allocate(DeviceMemory.Use.WORKSPACE, CudaBuffer.bf16Bytes(rows, widestInput)),
          memory.allocate(DeviceMemory.Use.WORKSPACE, (long) rows * widestInput),
          memory.allocate(DeviceMemory.Use.WORKSPACE, CudaBuffer.scaleBytes(rows, widestInput)),
          widestPart == 0
              ? null
              : memory.allocate(DeviceMemory.Use.WORKSPACE, 4L * rows * widestPart));
    }
  }

  LinearOp(
      KernelModules modules,
      Stream stream,
      LinearPlan.Chip chip,
      LinearWorkspace workspace,
      Scratch scratch) {
    this.stream = stream;
    this.chip = chip;
    this.workspace = workspace;
    this.scratch = scratch;
    bf16 = new LinearBf16(modules);
    int4 = new LinearInt4(modules);
    int8 = new LinearInt8(modules);
    fp8 = new LinearFp8(modules);
    quantizeRows = new QuantizeRows(modules);
    moveColumns = new MoveColumns(modules);
  }

  void run(CudaBuffer in, CudaWeight weight, CudaBuffer out) {
    int rows = in.rows();
    DeviceBuffer to = out.write(rows);
    for (CudaWeight.Part part : weight.parts()) {
      DeviceBuffer bias =
          weight.bias() == null
              ? null
              : weight.bias().slice(4L * part.firstRow(), 4L * part.rows());
      boolean whole = part.rows() == weight.rows();
      LinearKernels.Output output =
          new LinearKernels.Output(
              rows, part.rows(), weight.columns(), whole ? to : scratch.part(), out.floats(), bias);
      multiply(in, part, output);
      if (!whole) {
        moveColumns.place(
            scratch.part(),
            out.floats(),
            rows,
            part.rows(),
            part.firstRow(),
            weight.rows(),
            to,
            stream);
      }
    }
  }

  private void multiply(CudaBuffer in, CudaWeight.Part part, LinearKernels.Output out) {
    switch (part.form()) {
      case CudaWeight.Form.Bf16 form ->
          bf16.run(
              plan(LinearBf16.FORMAT, out), form.tiles(), plain(in, part), out, workspace, stream);
      case CudaWeight.Form.Int4 form ->
          int4.run(
              plan(LinearInt4.FORMAT, out), form.weight(), plain(in, part), out, workspace, stream);
      case CudaWeight.Form.Int8 form -> {
        QuantizedRows x = quantized(in, part);
        LinearPlan plan = plan(LinearInt8.FORMAT, out);
        int8.run(plan, form.weight(), x.data(), x.scales(), out, workspace, stream);
      }
      case CudaWeight.Form.Fp8 form -> {
        QuantizedRows x = quantized(in, part);
        LinearPlan plan = plan(LinearFp8.FORMAT, out);
        fp8.run(plan, form.weight(), x.data(), x.scales(), out, workspace, stream);
      }
    }
  }

  private LinearPlan plan(LinearPlan.Format format, LinearKernels.Output out) {
    return LinearPlan.choose(format, out.rows(), out.outputs(), out.columns(), chip);
  }

  private DeviceBuffer plain(CudaBuffer in, CudaWeight.Part part) {
    if (part.order() == null) {
      return in.read();
    }
    moveColumns.permute(
        in.read(), part.order(), in.rows(), in.columns(), scratch.permuted(), stream);
    return scratch.permuted();
  }

  /** As the op that made them has left them, or quantized now. */
  private QuantizedRows quantized(CudaBuffer in, CudaWeight.Part part) {
    if (part.order() == null && part.input().equals(in.quantization())) {
      return in.quantizedRows();
    }
    QuantizedRows rows = part.input().rows(scratch.quantized(), scratch.scales());
    quantizeRows.run(plain(in, part), in.rows(), in.columns(), rows, stream);
    return rows;
  }
}
