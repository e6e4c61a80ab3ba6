package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.HeadNorms;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import java.util.List;
import java.util.Optional;

/** A decoder's weights as a device holds them. */
public record DecoderWeights(
    Weight embedding, List<Layer> layers, WeightVector finalNorm, Weight head) {

  /** One layer's; what its family lacks is empty. */
  record Layer(
      WeightVector attentionNorm,
      Weight qkv,
      Optional<HeadNorms> headNorms,
      Weight attentionOutput,
      Optional<WeightVector> attentionOutputNorm,
      WeightVector mlpNorm,
      Weight gateUp,
      Weight down,
      Optional<WeightVector> mlpOutputNorm) {}
}
