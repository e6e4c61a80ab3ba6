package dev.kvasir.runtime.device.cuda;

/** Elements of device memory as the host sees them. */
final class Elements {
  private Elements() {}

  static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  static float roundToBf16(float value) {
    return fromBf16(bf16(value));
  }

  /** Beyond the range: the largest; ties to even. */
  static byte e4m3(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 31 << 7;
    float size = Math.abs(value);
    if (size >= 464) {
      return (byte) (sign | 0x7e);
    }
    int exponent = Math.max(Math.getExponent(size), -6);
    int steps = (int) Math.rint(Math.scalb((double) size, 3 - exponent));
    // A carry out of the three bits moves on to the next exponent by itself.
    int code = exponent == -6 ? steps : ((exponent + 7) << 3) + steps - 8;
    return (byte) (sign | Math.min(code, 0x7e));
  }

  static float fromE4m3(byte code) {
    int exponent = (code >> 3) & 15;
    int fraction = code & 7;
    float size = exponent == 0 ? Math.scalb(fraction, -9) : Math.scalb(8 + fraction, exponent - 10);
    return (code & 0x80) == 0 ? size : -size;
  }
}
