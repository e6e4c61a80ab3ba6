package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.HostWeight;
import java.util.Arrays;

/**
 * How a weight is kept on the GPU, decided from its form alone. Neighbours of equal layouts become
 * one matrix.
 *
 * @param groupSize columns that share a scale, of INT4
 * @param input how the product takes its input in 8 bits; null where it does not
 * @param order which input each column reads; null where that is its own
 */
record WeightLayout(Format format, int groupSize, Quantization input, int[] order) {

  /** The products that there are. */
  enum Format {
    BF16,
    INT4,
    INT8,
    /** A scale an output. */
    FP8_ROWS,
    /** Scales also change every 128 columns. */
    FP8_BLOCKS
  }

  private static final int BLOCK = 128;

  /** Input columns of a product in 8 bits are whole 16 bytes. */
  private static final int BYTE_COLUMNS = 16;

  /**
   * What no product reads in its own form is kept in bfloat16, which is exact enough and slower.
   */
  static WeightLayout of(HostWeight weight, int[] order) {
    return switch (weight) {
      case HostWeight.Int4 w when RepackInt4.takes(w.groupSize(), w.columns()) ->
          new WeightLayout(Format.INT4, Math.min(w.groupSize(), w.columns()), null, order);
      case HostWeight.Int8 w when inBytes(w) ->
          new WeightLayout(Format.INT8, 0, new Quantization(QuantizedRows.Form.INT8, 0, 0), order);
      case HostWeight.Fp8 w when inBytes(w) -> fp8(w, order);
      default -> new WeightLayout(Format.BF16, 0, null, order);
    };
  }

  private static boolean inBytes(HostWeight.Int8 weight) {
    return weight.zeros() == null
        && weight.groupSize() >= weight.columns()
        && weight.columns() % BYTE_COLUMNS == 0
        && !(weight.activation() instanceof ActivationScale.None);
  }

  private static boolean inBytes(HostWeight.Fp8 weight) {
    boolean blocks = weight.blockColumns() < weight.columns();
    return weight.columns() % BYTE_COLUMNS == 0
        && switch (weight.activation()) {
          case ActivationScale.None _ -> false;
          case ActivationScale.PerGroup group -> blocks && group.size() == BLOCK;
          default -> true;
        }
        && (!blocks || weight.blockColumns() == BLOCK);
  }

  private static WeightLayout fp8(HostWeight.Fp8 weight, int[] order) {
    if (weight.blockColumns() < weight.columns()) {
      Quantization input = new Quantization(QuantizedRows.Form.FP8, 0, BLOCK);
      return new WeightLayout(Format.FP8_BLOCKS, 0, input, order);
    }
    float fixed = weight.activation() instanceof ActivationScale.PerTensor s ? s.scale() : 0;
    Quantization input = new Quantization(QuantizedRows.Form.FP8, fixed, 0);
    return new WeightLayout(Format.FP8_ROWS, 0, input, order);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeightLayout that
        && format == that.format
        && groupSize == that.groupSize
        && java.util.Objects.equals(input, that.input)
        && Arrays.equals(order, that.order);
  }

  @Override
  public int hashCode() {
    return java.util.Objects.hash(format, groupSize, input, Arrays.hashCode(order));
  }
}
