package dev.kvasir.runtime.device.cuda;

/**
 * How a product takes its input in 8 bits; equal ones read the same rows.
 *
 * @param fixedScale of all rows, or 0 where each row or group has its own
 * @param group columns that share a scale (128), or 0 for the whole row
 */
record Quantization(QuantizedRows.Form form, float fixedScale, int group) {

  QuantizedRows rows(DeviceBuffer data, DeviceBuffer scales) {
    return new QuantizedRows(form, data, scales, fixedScale, group);
  }
}
