package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Activation;

/** The ops that treat each row by itself, shared out over the pool. One at a time. */
final class RowOps {
  /** Elements of row-wise work below which one thread is enough. */
  private static final int FEW_ELEMENTS = 16 * 1024;

  private final WorkerPool pool;
  private final WorkerPool.Body norming = this::normRows;
  private final WorkerPool.Body adding = this::addRows;
  private final WorkerPool.Body silu = this::siluRows;
  private final WorkerPool.Body gelu = this::geluRows;
  private final WorkerPool.Body capping = this::capRows;

  // The op that runs.
  private CpuBuffer in;
  private CpuBuffer delta;
  private CpuBuffer out;
  private float[] weight;
  private float epsilon;
  private float cap;

  RowOps(WorkerPool pool) {
    this.pool = pool;
  }

  /** Runs a body over a buffer's rows. */
  void run(CpuBuffer rows, WorkerPool.Body body) {
    pool.forEach(rows.rows(), Math.max(1, FEW_ELEMENTS / rows.columns()), body);
  }

  void norm(CpuBuffer in, float[] weight, float epsilon, CpuBuffer out) {
    this.in = in;
    this.weight = weight;
    this.epsilon = epsilon;
    this.out = out;
    out.setRows(in.rows());
    run(in, norming);
  }

  private void normRows(int worker, int from, int end) {
    for (int row = from; row < end; row++) {
      RowKernels.rmsNorm(in.data(), row * in.columns(), weight, epsilon, out.data());
    }
  }

  /** in += delta; out = RMS norm of in. */
  void addNorm(CpuBuffer in, CpuBuffer delta, float[] weight, float epsilon, CpuBuffer out) {
    this.in = in;
    this.delta = delta;
    this.weight = weight;
    this.epsilon = epsilon;
    this.out = out;
    out.setRows(in.rows());
    run(in, adding);
  }

  private void addRows(int worker, int from, int end) {
    for (int row = from; row < end; row++) {
      RowKernels.add(in.data(), delta.data(), row * in.columns(), in.columns());
      RowKernels.rmsNorm(in.data(), row * in.columns(), weight, epsilon, out.data());
    }
  }

  void gateUpAct(CpuBuffer in, Activation activation, CpuBuffer out) {
    this.in = in;
    this.out = out;
    out.setRows(in.rows());
    run(
        in,
        switch (activation) {
          case SILU -> silu;
          case GELU_TANH -> gelu;
        });
  }

  private void siluRows(int worker, int from, int end) {
    int columns = out.columns();
    for (int row = from; row < end; row++) {
      int at = row * in.columns();
      RowKernels.siluAndMultiply(in.data(), at, columns, out.data(), row * columns);
    }
  }

  private void geluRows(int worker, int from, int end) {
    int columns = out.columns();
    for (int row = from; row < end; row++) {
      int at = row * in.columns();
      RowKernels.geluAndMultiply(in.data(), at, columns, out.data(), row * columns);
    }
  }

  void softcap(CpuBuffer rows, float cap) {
    this.in = rows;
    this.cap = cap;
    run(rows, capping);
  }

  private void capRows(int worker, int from, int end) {
    for (int row = from; row < end; row++) {
      RowKernels.softcap(in.data(), row * in.columns(), in.columns(), cap);
    }
  }
}
