package dev.kvasir.runtime.device.cpu;

import java.util.List;

/**
 * y = W x over a batch of rows. The parts of a weight share out their units over the pool; a unit
 * meets all input rows, so weights are read from memory once. One product at a time.
 */
final class MatrixProduct {
  /** Multiply-adds below which waking a thread costs more than it saves. */
  private static final int FEW_MULTIPLY_ADDS = 64 * 1024;

  private final WorkerPool pool;
  private final InputRows inputs;
  private final Scratch[] scratch;
  private final WorkerPool.Body packing = this::pack;
  private final WorkerPool.Body multiplying = this::multiply;

  // The product that runs.
  private CpuBuffer in;
  private CpuWeight weight;
  private CpuBuffer out;
  private InputForm form;

  MatrixProduct(WorkerPool pool) {
    this.pool = pool;
    this.inputs = new InputRows(pool.threads());
    this.scratch = new Scratch[pool.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  void run(CpuBuffer in, CpuWeight weight, CpuBuffer out) {
    out.setRows(in.rows());
    if (in.rows() == 0) {
      return;
    }
    requireShape(in, weight, out);
    this.in = in;
    this.weight = weight;
    this.out = out;
    List<CpuWeight.Part> parts = weight.parts();
    for (int i = 0; i < parts.size(); i++) {
      if (isFirstOfItsForm(parts, i)) {
        form = parts.get(i).inputForm();
        runForm();
      }
    }
  }

  private static void requireShape(CpuBuffer in, CpuWeight weight, CpuBuffer out) {
    if (in.columns() != weight.columns() || out.columns() != weight.rows()) {
      throw new IllegalArgumentException(
          "a %d x %d matrix cannot turn rows of %d into rows of %d"
              .formatted(weight.rows(), weight.columns(), in.columns(), out.columns()));
    }
  }

  private static boolean isFirstOfItsForm(List<CpuWeight.Part> parts, int index) {
    for (int i = 0; i < index; i++) {
      if (parts.get(i).inputForm().equals(parts.get(index).inputForm())) {
        return false;
      }
    }
    return true;
  }

  /** Packs the input in one form and computes the parts that want it so. */
  private void runForm() {
    inputs.reserve(form, in.rows());
    int packGrain = Math.max(1, FEW_MULTIPLY_ADDS / 4 / weight.columns());
    pool.forEach(in.rows(), packGrain, packing);
    long perUnit = (long) in.rows() * weight.columns() * weight.rows() / weight.units();
    int grain = Math.toIntExact(Math.max(1, FEW_MULTIPLY_ADDS / Math.max(1, perUnit)));
    pool.forEach(weight.units(), grain, multiplying);
  }

  private void pack(int worker, int fromRow, int toRow) {
    for (int row = fromRow; row < toRow; row++) {
      inputs.pack(form, in.data(), row * weight.columns(), row, worker);
    }
  }

  private void multiply(int worker, int fromUnit, int toUnit) {
    int firstUnit = 0;
    for (int i = 0; i < weight.parts().size(); i++) {
      CpuWeight.Part part = weight.parts().get(i);
      int from = Math.max(0, fromUnit - firstUnit);
      int to = Math.min(part.units(), toUnit - firstUnit);
      if (from < to && part.inputForm().equals(form)) {
        part.multiply(inputs, 0, in.rows(), from, to, out, scratch[worker]);
        addBias(part, from, to);
      }
      firstUnit += part.units();
    }
  }

  private void addBias(CpuWeight.Part part, int fromUnit, int toUnit) {
    if (weight.bias() == null) {
      return;
    }
    int from = part.firstRow() + fromUnit * part.unitRows();
    int to = part.firstRow() + Math.min(part.rows(), toUnit * part.unitRows());
    for (int row = 0; row < in.rows(); row++) {
      int at = row * out.columns();
      for (int n = from; n < to; n++) {
        out.data()[at + n] += weight.bias()[n];
      }
    }
  }
}
