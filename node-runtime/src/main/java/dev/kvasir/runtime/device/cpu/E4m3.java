package dev.kvasir.runtime.device.cpu;

/** 8-bit floats with 4 bits of exponent (bias 7) and 3 of fraction; no infinities, one NaN. */
final class E4m3 {
  private static final int LARGEST = 0x7E;
  private static final float[] VALUES = values();

  private E4m3() {}

  static float toFloat(byte bits) {
    return VALUES[bits & 0xFF];
  }

  /** The nearest, ties to even; what is beyond the largest number becomes that. */
  static byte ofFloat(float value) {
    float magnitude = Math.abs(value);
    int sign = Float.floatToRawIntBits(value) >>> 24 & 0x80;
    if (Float.isNaN(magnitude)) {
      return (byte) (sign | 0x7F);
    }
    return (byte) (sign | (magnitude < 0x1p-6f ? small(magnitude) : normal(magnitude)));
  }

  /** Multiples of 2^-9; the largest of them is the smallest that has a leading 1. */
  private static int small(float magnitude) {
    return (int) Math.rint(magnitude * 0x1p9);
  }

  private static int normal(float magnitude) {
    int bits = Float.floatToRawIntBits(magnitude);
    int rounded = bits + 0x7FFFF + (bits >>> 20 & 1);
    return Math.min((rounded >>> 20) - (120 << 3), LARGEST);
  }

  private static float[] values() {
    float[] values = new float[256];
    for (int bits = 0; bits < 256; bits++) {
      values[bits] = decode(bits);
    }
    return values;
  }

  private static float decode(int bits) {
    int exponent = bits >> 3 & 15;
    int fraction = bits & 7;
    float sign = bits < 128 ? 1 : -1;
    if (exponent == 15 && fraction == 7) {
      return Float.NaN;
    }
    float magnitude =
        exponent == 0
            ? Math.scalb((float) fraction, -9)
            : Math.scalb((float) (8 + fraction), exponent - 10);
    return sign * magnitude;
  }
}
