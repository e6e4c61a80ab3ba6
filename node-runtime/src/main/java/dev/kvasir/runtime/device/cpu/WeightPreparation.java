package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings weights into the form that the tiles read: bfloat16 and float32 stay where they are unless
 * a row's length is not a whole number of vectors; float16 becomes float32.
 */
final class WeightPreparation {
  private final Arena arena;

  WeightPreparation(Arena arena) {
    this.arena = arena;
  }

  CpuWeight prepare(Linear linear) {
    List<HostWeight> forms =
        linear.weight() instanceof HostWeight.Stacked stacked
            ? stacked.parts()
            : List.of(linear.weight());
    ElementType dense = denseType(forms);
    List<CpuWeight.Part> parts = new ArrayList<>();
    int firstRow = 0;
    for (HostWeight form : forms) {
      parts.add(
          form instanceof HostWeight.Dense plain
              ? prepare(plain, dense, firstRow)
              : new CpuWeight.Packed(firstRow, form.rows(), RowDecoder.copyOf(form, arena)));
      firstRow += form.rows();
    }
    return new CpuWeight(
        List.copyOf(parts),
        firstRow,
        linear.weight().columns(),
        dense == ElementType.BF16,
        linear.inputPermutation().orElse(null),
        linear.bias().orElse(null));
  }

  /** The type of all dense parts: one order of the inputs has to suit them. */
  private static ElementType denseType(List<HostWeight> forms) {
    boolean anyBf16 = false;
    for (HostWeight form : forms) {
      if (form instanceof HostWeight.Dense dense) {
        if (dense.type() != ElementType.BF16) {
          return ElementType.F32;
        }
        anyBf16 = true;
      }
    }
    return anyBf16 ? ElementType.BF16 : ElementType.F32;
  }

  private CpuWeight.Dense prepare(HostWeight.Dense weight, ElementType type, int firstRow) {
    long rowBytes = (long) PackedRows.padded(weight.columns()) * type.bytes();
    boolean inPlace =
        weight.type() == type && PackedRows.padded(weight.columns()) == weight.columns();
    MemorySegment data = inPlace ? weight.data() : copy(weight, type, rowBytes);
    return new CpuWeight.Dense(type, firstRow, weight.rows(), rowBytes, data);
  }

  private MemorySegment copy(HostWeight.Dense weight, ElementType type, long rowBytes) {
    MemorySegment to = arena.allocate(weight.rows() * rowBytes, 64);
    long fromRowBytes = (long) weight.columns() * weight.type().bytes();
    for (int row = 0; row < weight.rows(); row++) {
      MemorySegment from = weight.data().asSlice(row * fromRowBytes, fromRowBytes);
      MemorySegment toRow = to.asSlice(row * rowBytes, rowBytes);
      if (weight.type() == type) {
        toRow.copyFrom(from);
      } else {
        toFloat32(weight.type(), from, toRow, weight.columns());
      }
    }
    return to;
  }

  private static void toFloat32(
      ElementType type, MemorySegment from, MemorySegment to, int columns) {
    for (int k = 0; k < columns; k++) {
      short bits = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * k);
      float value =
          type == ElementType.F16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * k, value);
    }
  }
}
