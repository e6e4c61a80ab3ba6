package dev.kvasir.runtime.device.cpu;

/** 8-bit floats with 4 bits of exponent (bias 7) and 3 of fraction; no infinities, one NaN. */
final class E4m3 {
  private static final float[] VALUES = values();

  private E4m3() {}

  static float toFloat(byte bits) {
    return VALUES[bits & 0xFF];
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
