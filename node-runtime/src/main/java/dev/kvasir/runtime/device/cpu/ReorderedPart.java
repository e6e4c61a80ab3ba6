package dev.kvasir.runtime.device.cpu;

/** A part that wants its input in the order that a quantizer gave its columns. */
record ReorderedPart(CpuWeight.Part part, InputForm inputForm) implements CpuWeight.Part {

  static CpuWeight.Part of(CpuWeight.Part part, int[] order) {
    return new ReorderedPart(part, new InputForm.Reordered(order, part.inputForm()));
  }

  @Override
  public int firstRow() {
    return part.firstRow();
  }

  @Override
  public int rows() {
    return part.rows();
  }

  @Override
  public int unitRows() {
    return part.unitRows();
  }

  @Override
  public void multiply(
      InputRows in, int fromRow, int toRow, int fromUnit, int toUnit, CpuBuffer out, Scratch s) {
    part.multiply(in, fromRow, toRow, fromUnit, toUnit, out, s);
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    part.copyRow(row, out, at);
  }
}
