package dev.kvasir.runtime.device.cuda;

/**
 * Rows of activations in 8 bits.
 *
 * @param scales float32, one a row or a group
 * @param fixedScale of the whole tensor, or 0 where the kernel finds one
 * @param group columns that share a scale (128), or 0 for the whole row
 */
record QuantizedRows(
    Form form, DeviceBuffer data, DeviceBuffer scales, float fixedScale, int group) {
  enum Form {
    FP8(448),
    INT8(127);

    final float largest;

    Form(float largest) {
      this.largest = largest;
    }
  }
}
