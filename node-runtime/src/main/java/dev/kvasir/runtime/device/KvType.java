package dev.kvasir.runtime.device;

/** How an element of a key or value is stored. */
public enum KvType {
  FLOAT32(4),
  BFLOAT16(2),
  /** E4M3, times a scale of its layer. */
  FP8(1);

  private final int bytes;

  KvType(int bytes) {
    this.bytes = bytes;
  }

  public int bytes() {
    return bytes;
  }
}
