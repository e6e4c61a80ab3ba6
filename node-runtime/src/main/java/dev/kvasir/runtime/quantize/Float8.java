package dev.kvasir.runtime.quantize;

/** Rounds to 8-bit floats with 4 bits of exponent and 3 of fraction, which know no infinity. */
final class Float8 {
  static final float MOST = 448;

  private static final int MOST_BITS = 0x7E;
  private static final float LEAST_NORMAL = 0x1p-6f;
  private static final int FRACTION_SHIFT = 20;
  private static final int BIAS_DIFFERENCE = (127 - 7) << 3;

  private Float8() {}

  /** The nearest value, ties to even; what is too large becomes the largest. */
  static byte of(float value) {
    float magnitude = Math.abs(value);
    int sign = Float.floatToRawIntBits(value) >>> 31 << 7;
    if (!(magnitude < MOST)) {
      return (byte) (sign | MOST_BITS);
    }
    if (magnitude < LEAST_NORMAL) {
      return (byte) (sign | (int) Math.rint(magnitude * 0x1p9f));
    }
    int bits = Float.floatToRawIntBits(magnitude);
    int rounded = bits + 0x7FFFF + ((bits >> FRACTION_SHIFT) & 1);
    return (byte) (sign | Math.min(MOST_BITS, (rounded >> FRACTION_SHIFT) - BIAS_DIFFERENCE));
  }
}
