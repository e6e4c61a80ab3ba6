package dev.kvasir.runtime.quantize;

/** How quantized weights are stored. */
public enum Format {
  /** compressed-tensors, which takes every scheme. */
  COMPRESSED_TENSORS("compressed-tensors"),
  /** AutoAWQ's GEMM layout. */
  AWQ("awq");

  private final String flag;

  Format(String flag) {
    this.flag = flag;
  }

  @Override
  public String toString() {
    return flag;
  }
}
