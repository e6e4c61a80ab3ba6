package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.HeadNorms;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightHolder;
import dev.kvasir.runtime.device.WeightVector;
import dev.kvasir.runtime.model.Family.Trait;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings a checkpoint's tensors onto a device, by the names that Hugging Face gives them. */
record WeightLoader(ModelConfig config, Checkpoint checkpoint, WeightHolder device) {

  DecoderWeights load() {
    int hidden = config.hiddenSize();
    int vocabulary = config.vocabularySize();
    Weight embedding =
        device.prepare(
            new Linear(
                checkpoint.matrix(named("model.embed_tokens.weight"), vocabulary, hidden),
                Optional.empty()));
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.layers().size(); i++) {
      layers.add(layer(named("model.layers." + i + ".")));
    }
    WeightVector finalNorm = norm(named("model.norm"));
    Weight head = config.tiedEmbeddings() ? embedding : head(vocabulary, hidden);
    return new DecoderWeights(embedding, List.copyOf(layers), finalNorm, head);
  }

  private String named(String name) {
    return config.tensorPrefix() + name;
  }

  private Weight head(int vocabulary, int hidden) {
    try (Arena scratch = Arena.ofShared()) {
      return device.prepare(
          checkpoint.linear(named("lm_head"), vocabulary, hidden, false, scratch));
    }
  }

  private DecoderWeights.Layer layer(String prefix) {
    String attention = prefix + "self_attn.";
    String mlp = prefix + "mlp.";
    boolean bothSides = config.family().has(Trait.GEMMA_NORMS);
    int hidden = config.hiddenSize();
    try (Arena scratch = Arena.ofShared()) {
      return new DecoderWeights.Layer(
          norm(prefix + "input_layernorm"),
          device.prepare(qkv(attention, scratch)),
          headNorms(attention),
          device.prepare(
              checkpoint.linear(
                  attention + "o_proj",
                  hidden,
                  config.attention().queryWidth(),
                  config.outputBias(),
                  scratch)),
          bothSides ? Optional.of(norm(prefix + "post_attention_layernorm")) : Optional.empty(),
          norm(prefix + (bothSides ? "pre_feedforward_layernorm" : "post_attention_layernorm")),
          device.prepare(gateUp(mlp, scratch)),
          device.prepare(
              checkpoint.linear(
                  mlp + "down_proj", hidden, config.intermediateSize(), config.mlpBias(), scratch)),
          bothSides ? Optional.of(norm(prefix + "post_feedforward_layernorm")) : Optional.empty());
    }
  }

  private Linear qkv(String prefix, Arena scratch) {
    int queries = config.attention().queryWidth();
    int keys = config.attention().kvWidth();
    boolean biased = config.qkvBias();
    return config.family().has(Trait.FUSED_PROJECTIONS)
        ? part(prefix + "qkv_proj", queries + 2 * keys, biased, scratch)
        : LinearStack.of(
            part(prefix + "q_proj", queries, biased, scratch),
            part(prefix + "k_proj", keys, biased, scratch),
            part(prefix + "v_proj", keys, biased, scratch));
  }

  private Linear gateUp(String prefix, Arena scratch) {
    int width = config.intermediateSize();
    boolean biased = config.mlpBias();
    return config.family().has(Trait.FUSED_PROJECTIONS)
        ? part(prefix + "gate_up_proj", 2 * width, biased, scratch)
        : LinearStack.of(
            part(prefix + "gate_proj", width, biased, scratch),
            part(prefix + "up_proj", width, biased, scratch));
  }

  private Linear part(String name, int rows, boolean biased, Arena scratch) {
    return checkpoint.linear(name, rows, config.hiddenSize(), biased, scratch);
  }

  private Optional<HeadNorms> headNorms(String prefix) {
    if (!config.family().has(Trait.QUERY_KEY_NORMS)) {
      return Optional.empty();
    }
    return Optional.of(
        new HeadNorms(
            norm(prefix + "q_norm", config.headDim()),
            norm(prefix + "k_norm", config.headDim()),
            config.normEpsilon()));
  }

  private WeightVector norm(String name) {
    return norm(name, config.hiddenSize());
  }

  private WeightVector norm(String name, int width) {
    float[] weight = checkpoint.vector(name + ".weight", width);
    if (!config.family().has(Trait.GEMMA_NORMS)) {
      return device.prepare(weight);
    }
    float[] whole = new float[width];
    for (int i = 0; i < width; i++) {
      whole[i] = 1 + weight[i];
    }
    return device.prepare(whole);
  }
}
