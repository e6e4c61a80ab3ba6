package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Brings rows of a quantized matrix back to float32, element by element as its format says. */
sealed interface RowDecoder {
  ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  void decode(int row, float[] out, int at);

  record Int4(HostWeight.Int4 weight) implements RowDecoder {
    @Override
    public void decode(int row, float[] out, int at) {
      long data = (long) row * Math.ceilDiv(weight.columns(), 2);
      long groups = (long) row * weight.groups();
      for (int k = 0; k < weight.columns(); k++) {
        long group = groups + k / weight.groupSize();
        int pair = weight.data().get(BYTE, data + k / 2);
        int q = (k % 2 == 0 ? pair : pair >> 4) & 15;
        int zero = weight.zeros().get(BYTE, group);
        out[at + k] = (q - zero) * weight.scales().get(FLOAT, 4 * group);
      }
    }
  }

  record Int8(HostWeight.Int8 weight) implements RowDecoder {
    @Override
    public void decode(int row, float[] out, int at) {
      long data = (long) row * weight.columns();
      long groups = (long) row * weight.groups();
      for (int k = 0; k < weight.columns(); k++) {
        long group = groups + k / weight.groupSize();
        int zero = weight.zeros() == null ? 0 : weight.zeros().get(SHORT, 2 * group);
        int q = weight.data().get(BYTE, data + k);
        out[at + k] = (q - zero) * weight.scales().get(FLOAT, 4 * group);
      }
    }
  }

  record Fp8(HostWeight.Fp8 weight) implements RowDecoder {
    @Override
    public void decode(int row, float[] out, int at) {
      long data = (long) row * weight.columns();
      long blocks =
          (long) (row / weight.blockRows()) * Math.ceilDiv(weight.columns(), weight.blockColumns());
      for (int k = 0; k < weight.columns(); k++) {
        float scale = weight.scales().get(FLOAT, 4 * (blocks + k / weight.blockColumns()));
        out[at + k] = E4m3.toFloat(weight.data().get(BYTE, data + k)) * scale;
      }
    }
  }

  /** A decoder over copies of the weight's data. */
  static RowDecoder copyOf(HostWeight weight, Arena arena) {
    return switch (weight) {
      case HostWeight.Int4 w ->
          new Int4(
              new HostWeight.Int4(
                  w.rows(),
                  w.columns(),
                  w.groupSize(),
                  copy(w.data(), arena),
                  copy(w.scales(), arena),
                  copy(w.zeros(), arena)));
      case HostWeight.Int8 w ->
          new Int8(
              new HostWeight.Int8(
                  w.rows(),
                  w.columns(),
                  w.groupSize(),
                  copy(w.data(), arena),
                  copy(w.scales(), arena),
                  w.zeros() == null ? null : copy(w.zeros(), arena)));
      case HostWeight.Fp8 w ->
          new Fp8(
              new HostWeight.Fp8(
                  w.rows(),
                  w.columns(),
                  w.blockRows(),
                  w.blockColumns(),
                  copy(w.data(), arena),
                  copy(w.scales(), arena),
                  w.activation()));
      case HostWeight.Dense _, HostWeight.Stacked _ ->
          throw new IllegalArgumentException("not one quantized matrix: " + weight);
    };
  }

  private static MemorySegment copy(MemorySegment from, Arena arena) {
    return arena.allocate(from.byteSize(), 64).copyFrom(from);
  }
}
