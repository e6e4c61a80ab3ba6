package dev.kvasir.runtime.engine;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What the layers above the engine need to know of a model.
 *
 * @param weightBytesPerStep what a step reads of them: all but an embedding table of its own
 * @param eosTokenIds of config.json and generation_config.json together
 * @param defaults what generation_config.json recommends
 */
public record ModelSummary(
    String architecture,
    long parameters,
    long weightBytes,
    long weightBytesPerStep,
    String weightType,
    int layers,
    int vocabularySize,
    int maxPositionEmbeddings,
    Set<Integer> eosTokenIds,
    GenerationDefaults defaults) {

  /** Sampling that generation_config.json recommends; empty where it says nothing. */
  public record GenerationDefaults(
      OptionalDouble temperature,
      OptionalDouble topP,
      OptionalInt topK,
      OptionalDouble minP,
      OptionalDouble repetitionPenalty) {
    public static final GenerationDefaults NONE =
        new GenerationDefaults(
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty());
  }
}
