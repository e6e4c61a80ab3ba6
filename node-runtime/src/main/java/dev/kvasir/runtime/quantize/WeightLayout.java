package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** How a rounded weight is laid out in tensors, and what config.json says of it. */
interface WeightLayout {

  List<OutputTensor> tensors(String layer, int rows, int columns);

  /**
   * Rounds a weight.
   *
   * @param importance of each column; null where nothing was calibrated
   * @param to a zeroed segment for each tensor
   */
  void write(WeightRows weight, float[] importance, List<MemorySegment> to);

  /** What can be made better by calibration. */
  Optional<GroupRounding> rounding();

  /** The quantization_config. */
  ObjectNode config();

  /** Why a matrix of this shape cannot be stored; null where it can. */
  String objection(int rows, int columns);
}
