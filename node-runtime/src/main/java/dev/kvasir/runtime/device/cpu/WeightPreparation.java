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
 * Brings weights into the form that the products read: bfloat16 and float32 stay where they are
 * unless a row's length is not a whole number of vectors, float16 becomes float32, and quantized
 * ones are copied into their own layouts.
 */
final class WeightPreparation {
  /** Elements of a dense row are padded to a multiple of this. */
  private static final int PADDING = 32;

  private final Arena arena;
  private final WorkerPool pool;

  WeightPreparation(Arena arena, WorkerPool pool) {
    this.arena = arena;
    this.pool = pool;
  }

  CpuWeight prepare(Linear linear) {
    List<HostWeight> forms =
        linear.weight() instanceof HostWeight.Stacked stacked
            ? stacked.parts()
            : List.of(linear.weight());
    List<CpuWeight.Part> parts = new ArrayList<>();
    int firstRow = 0;
    for (HostWeight form : forms) {
      CpuWeight.Part part = prepare(form, firstRow);
      parts.add(linear.inputPermutation().map(o -> ReorderedPart.of(part, o)).orElse(part));
      firstRow += form.rows();
    }
    return new CpuWeight(
        List.copyOf(parts), firstRow, linear.weight().columns(), linear.bias().orElse(null));
  }

  private CpuWeight.Part prepare(HostWeight form, int firstRow) {
    return switch (form) {
      case HostWeight.Dense dense -> dense(dense, firstRow);
      case HostWeight.Int4 int4 -> new NibblePart(firstRow, Nibbles.of(int4, arena, pool));
      case HostWeight.Int8 int8 -> bytes(firstRow, int8, copies().of(int8));
      case HostWeight.Fp8 fp8 -> bytes(firstRow, fp8, copies().of(fp8));
      case HostWeight.Reordered reordered ->
          ReorderedPart.of(prepare(reordered.weight(), firstRow), reordered.order());
      case HostWeight.Stacked _ -> throw new IllegalArgumentException("stacked in a stack");
    };
  }

  private QuantizedCopy copies() {
    return new QuantizedCopy(arena, pool);
  }

  private static FloatPart bytes(int firstRow, HostWeight weight, ByteTiles tiles) {
    InputForm form = new InputForm.Plain(tiles.columns(), tiles.width());
    return new FloatPart(firstRow, weight.rows(), form, tiles.width(), tiles);
  }

  private static FloatPart plain(ColumnGroups columns, int firstRow, int rows, Tiles tiles) {
    return new FloatPart(
        firstRow, rows, new InputForm.Plain(columns, columns.width()), columns.width(), tiles);
  }

  private FloatPart dense(HostWeight.Dense weight, int firstRow) {
    ColumnGroups columns = ColumnGroups.one(weight.columns(), PADDING);
    int width = columns.width();
    if (weight.type() == ElementType.BF16) {
      MemorySegment data =
          columns.unpadded() ? weight.data() : copy(weight, ElementType.BF16, width);
      Tiles tiles = new Bf16Tiles(data, weight.columns(), width);
      InputForm form = new InputForm.SplitPairs(columns);
      return new FloatPart(firstRow, weight.rows(), form, width, tiles);
    }
    boolean inPlace = weight.type() == ElementType.F32 && columns.unpadded();
    MemorySegment data = inPlace ? weight.data() : copy(weight, ElementType.F32, width);
    return plain(columns, firstRow, weight.rows(), new F32Tiles(data, weight.columns(), width));
  }

  private MemorySegment copy(HostWeight.Dense weight, ElementType type, int width) {
    long rowBytes = (long) width * type.bytes();
    MemorySegment to = arena.allocate(weight.rows() * rowBytes, 64);
    long fromRowBytes = (long) weight.columns() * weight.type().bytes();
    pool.forEach(
        weight.rows(),
        16,
        (worker, first, end) -> {
          for (int row = first; row < end; row++) {
            MemorySegment from = weight.data().asSlice(row * fromRowBytes, fromRowBytes);
            MemorySegment toRow = to.asSlice(row * rowBytes, rowBytes);
            if (weight.type() == type) {
              toRow.copyFrom(from);
            } else {
              float16ToFloat32(from, toRow, weight.columns());
            }
          }
        });
    return to;
  }

  private static void float16ToFloat32(MemorySegment from, MemorySegment to, int columns) {
    for (int k = 0; k < columns; k++) {
      short bits = from.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * k);
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * k, Float.float16ToFloat(bits));
    }
  }
}
