package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Activation;
import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.scheduler.RotationRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What config.json says of a decoder.
 *
 * @param tensorPrefix before the names of all tensors
 * @param rotaryDimensions of a head that turn
 * @param scoreScale that scores are multiplied with
 * @param scoreSoftcap 0: scores are not bounded
 * @param logitSoftcap 0: logits are not bounded
 * @param longest most tokens of a sequence
 */
record ModelConfig(
    Family family,
    String tensorPrefix,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    List<LayerConfig> layers,
    int heads,
    int kvHeads,
    int headDim,
    int rotaryDimensions,
    float scoreScale,
    float scoreSoftcap,
    float logitSoftcap,
    float normEpsilon,
    Activation activation,
    boolean qkvBias,
    boolean outputBias,
    boolean mlpBias,
    boolean tiedEmbeddings,
    int longest,
    Set<Integer> eosTokenIds) {

  static ModelConfig read(Path directory) {
    return ConfigReader.read(directory);
  }

  /** The heads of a layer and what they see. */
  AttentionShape attention(LayerConfig layer) {
    return new AttentionShape(heads, kvHeads, headDim, scoreScale, scoreSoftcap, layer.window());
  }

  /** The widths, which are the same in all layers. */
  AttentionShape attention() {
    return new AttentionShape(heads, kvHeads, headDim, scoreScale, scoreSoftcap, 0);
  }

  /** The window of each layer. */
  int[] windows() {
    return layers.stream().mapToInt(LayerConfig::window).toArray();
  }

  /** What embeddings are multiplied with. */
  float embeddingScale() {
    return family.has(Family.Trait.SCALED_EMBEDDINGS) ? (float) Math.sqrt(hiddenSize) : 1;
  }

  /** How positions turn; the layers that depend on the length depend on it alike. */
  RotationRule rotation() {
    return rotations(layers).findFirst().orElse(RotationRule.FIXED);
  }

  static Stream<RotationRule> rotations(List<LayerConfig> layers) {
    return layers.stream()
        .map(layer -> layer.rope().rotation())
        .filter(rule -> !rule.equals(RotationRule.FIXED))
        .distinct();
  }

  /** All weights, tied ones once. */
  long parameters() {
    long embeddings = (tiedEmbeddings ? 1L : 2L) * vocabularySize * hiddenSize;
    return layers.size() * parametersOfLayer() + embeddings + hiddenSize;
  }

  private long parametersOfLayer() {
    long attention = (long) (attention().qkvWidth() + attention().queryWidth()) * hiddenSize;
    long mlp = 3L * hiddenSize * intermediateSize;
    long biases =
        (qkvBias ? attention().qkvWidth() : 0)
            + (outputBias ? hiddenSize : 0)
            + (mlpBias ? 2L * intermediateSize + hiddenSize : 0);
    long norms =
        (family.has(Family.Trait.GEMMA_NORMS) ? 4L : 2L) * hiddenSize
            + (family.has(Family.Trait.QUERY_KEY_NORMS) ? 2L * headDim : 0);
    return attention + mlp + biases + norms;
  }
}
