package dev.kvasir.runtime.device.cpu;

/**
 * Rows of 4-bit weights, computed in integers from 8-bit inputs: a tile of outputs at a time, four
 * input rows or one. Segments add up exactly, and their scaled sums in the order of the columns, so
 * an output's bits depend on its row alone.
 */
record NibblePart(int firstRow, Nibbles weights, InputForm inputForm) implements CpuWeight.Part {
  NibblePart(int firstRow, Nibbles weights) {
    this(firstRow, weights, new InputForm.Quantized(weights.columns()));
  }

  @Override
  public int rows() {
    return weights.rows();
  }

  @Override
  public int unitRows() {
    return Nibbles.TILE;
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    weights.copyRow(row, out, at);
  }

  @Override
  public void multiply(
      InputRows in, int fromRow, int toRow, int fromUnit, int toUnit, CpuBuffer out, Scratch s) {
    QuantizedRows x = in.quantized();
    for (int tile = fromUnit; tile < toUnit; tile++) {
      int row = fromRow;
      for (; row + 4 <= toRow; row += 4) {
        rows(x, row, 4, tile, s);
        store(row, 4, tile, out, s);
      }
      for (; row < toRow; row++) {
        rows(x, row, 1, tile, s);
        store(row, 1, tile, out, s);
      }
    }
  }

  /** Leaves the outputs of some rows for one tile in the scratch's totals. */
  private void rows(QuantizedRows x, int row, int count, int tile, Scratch s) {
    s.clearTotals(count);
    for (int group = 0; group < weights.columns().groups(); group++) {
      if (count == 4) {
        fourRows(x, row, tile, group, s);
      } else {
        oneRow(x, row, tile, group, s);
      }
      endGroup(x, row, count, tile, group, s);
    }
  }

  private void oneRow(QuantizedRows x, int row, int tile, int group, Scratch s) {
    NibbleColumns columns = weights.columns();
    int words = columns.wordsOfSegment();
    int segment = group * columns.segments();
    NibbleKernel.oneRow(
        x.values(),
        row * columns.width() + segment * 4 * words,
        x.starts(),
        x.scales(),
        row * columns.allSegments() + segment,
        columns.segments(),
        weights.words(),
        weights.wordsAt(tile) + 2L * Nibbles.TILE * words * segment,
        words,
        s.group());
  }

  private void fourRows(QuantizedRows x, int row, int tile, int group, Scratch s) {
    NibbleColumns columns = weights.columns();
    int words = columns.wordsOfSegment();
    int width = columns.width();
    int segments = columns.allSegments();
    long at = weights.wordsAt(tile);
    s.clearGroup(4);
    for (int i = 0; i < columns.segments(); i++) {
      int segment = group * columns.segments() + i;
      int first = row * segments + segment;
      NibbleKernel.fourRows(
          x.values(),
          row * width + segment * 4 * words,
          width,
          x.starts(),
          first,
          segments,
          weights.words(),
          at + 2L * Nibbles.TILE * words * segment,
          words,
          s.products());
      NibbleKernel.addSegment(s.products(), x.scales(), first, segments, s.group());
    }
  }

  private void endGroup(QuantizedRows x, int row, int count, int tile, int group, Scratch s) {
    long scales = weights.scalesAt(tile, group);
    NibbleKernel.addGroup(s.group(), count, weights.scales(), scales, s.totals());
    if (weights.offsets() != null) {
      int groups = weights.columns().groups();
      NibbleKernel.addOffsets(
          x.sums(), row * groups + group, groups, count, weights.offsets(), scales, s.totals());
    }
  }

  private void store(int row, int count, int tile, CpuBuffer out, Scratch s) {
    int first = tile * Nibbles.TILE;
    int outputs = Math.min(Nibbles.TILE, rows() - first);
    for (int i = 0; i < count; i++) {
      int to = (row + i) * out.columns() + firstRow + first;
      System.arraycopy(s.totals(), i * Nibbles.TILE, out.data(), to, outputs);
    }
  }
}
