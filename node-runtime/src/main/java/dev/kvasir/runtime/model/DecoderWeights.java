package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Llama model's weights as a device holds them. */
public record DecoderWeights(
    Weight embedding, List<Layer> layers, WeightVector finalNorm, Weight head) {

  /** One decoder layer's. */
  record Layer(
      WeightVector inputNorm,
      Weight qkv,
      Weight attentionOutput,
      WeightVector postAttentionNorm,
      Weight gateUp,
      Weight down) {}

  static DecoderWeights load(ModelConfig config, Checkpoint checkpoint, Device device) {
    return new Loader(config, checkpoint, device).load();
  }

  private record Loader(ModelConfig config, Checkpoint checkpoint, Device device) {

    DecoderWeights load() {
      int hidden = config.hiddenSize();
      int vocabulary = config.vocabularySize();
      Weight embedding = plain("model.embed_tokens.weight", vocabulary, hidden);
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        layers.add(layer("model.layers." + i + "."));
      }
      WeightVector finalNorm = device.prepare(checkpoint.vector("model.norm.weight", hidden));
      Weight head = config.tiedEmbeddings() ? embedding : head(vocabulary, hidden);
      return new DecoderWeights(embedding, List.copyOf(layers), finalNorm, head);
    }

    private Layer layer(String prefix) {
      try (Arena scratch = Arena.ofShared()) {
        int hidden = config.hiddenSize();
        return new Layer(
            norm(prefix + "input_layernorm.weight"),
            device.prepare(qkv(prefix + "self_attn.", scratch)),
            device.prepare(
                checkpoint.linear(
                    prefix + "self_attn.o_proj",
                    hidden,
                    config.attention().queryWidth(),
                    config.attentionBias(),
                    scratch)),
            norm(prefix + "post_attention_layernorm.weight"),
            device.prepare(gateUp(prefix + "mlp.", scratch)),
            device.prepare(
                checkpoint.linear(
                    prefix + "mlp.down_proj",
                    hidden,
                    config.intermediateSize(),
                    config.mlpBias(),
                    scratch)));
      }
    }

    private Linear qkv(String prefix, Arena scratch) {
      int keys = config.attention().kvWidth();
      boolean biased = config.attentionBias();
      return LinearStack.of(
          part(prefix + "q_proj", config.attention().queryWidth(), biased, scratch),
          part(prefix + "k_proj", keys, biased, scratch),
          part(prefix + "v_proj", keys, biased, scratch));
    }

    private Linear gateUp(String prefix, Arena scratch) {
      int width = config.intermediateSize();
      return LinearStack.of(
          part(prefix + "gate_proj", width, config.mlpBias(), scratch),
          part(prefix + "up_proj", width, config.mlpBias(), scratch));
    }

    private Linear part(String name, int rows, boolean biased, Arena scratch) {
      return checkpoint.linear(name, rows, config.hiddenSize(), biased, scratch);
    }

    private Weight head(int vocabulary, int hidden) {
      try (Arena scratch = Arena.ofShared()) {
        return device.prepare(checkpoint.linear("lm_head", vocabulary, hidden, false, scratch));
      }
    }

    private Weight plain(String name, int rows, int columns) {
      return device.prepare(new Linear(checkpoint.matrix(name, rows, columns), Optional.empty()));
    }

    private WeightVector norm(String name) {
      return device.prepare(checkpoint.vector(name, config.hiddenSize()));
    }
  }
}
