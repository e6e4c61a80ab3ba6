package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Llama model's weights as a device holds them. */
public record LlamaWeights(
    Weight embedding, List<Layer> layers, WeightVector finalNorm, Weight head) {

  /** One decoder layer's. */
  record Layer(
      WeightVector inputNorm,
      Weight qkv,
      Weight attentionOutput,
      WeightVector postAttentionNorm,
      Weight gateUp,
      Weight down) {}

  static LlamaWeights load(ModelConfig config, Checkpoint checkpoint, Device device) {
    return new Loader(config, checkpoint, device).load();
  }

  private record Loader(ModelConfig config, Checkpoint checkpoint, Device device) {

    LlamaWeights load() {
      int hidden = config.hiddenSize();
      int vocabulary = config.vocabularySize();
      Weight embedding = plain("model.embed_tokens.weight", vocabulary, hidden);
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        layers.add(layer("model.layers." + i + "."));
      }
      WeightVector finalNorm = device.prepare(checkpoint.vector("model.norm.weight", hidden));
      Weight head =
          config.tiedEmbeddings() ? embedding : plain("lm_head.weight", vocabulary, hidden);
      return new LlamaWeights(embedding, List.copyOf(layers), finalNorm, head);
    }

    private Layer layer(String prefix) {
      int hidden = config.hiddenSize();
      return new Layer(
          norm(prefix + "input_layernorm.weight"),
          device.prepare(qkv(prefix + "self_attn.")),
          device.prepare(
              linear(
                  prefix + "self_attn.o_proj",
                  hidden,
                  config.attention().queryWidth(),
                  config.attentionBias())),
          norm(prefix + "post_attention_layernorm.weight"),
          device.prepare(gateUp(prefix + "mlp.")),
          device.prepare(
              linear(
                  prefix + "mlp.down_proj", hidden, config.intermediateSize(), config.mlpBias())));
    }

    private Linear qkv(String prefix) {
      int queries = config.attention().queryWidth();
      int keys = config.attention().kvWidth();
      return stacked(
          config.attentionBias(),
          List.of(prefix + "q_proj", prefix + "k_proj", prefix + "v_proj"),
          new int[] {queries, keys, keys});
    }

    private Linear gateUp(String prefix) {
      int width = config.intermediateSize();
      return stacked(
          config.mlpBias(),
          List.of(prefix + "gate_proj", prefix + "up_proj"),
          new int[] {width, width});
    }

    private Linear stacked(boolean biased, List<String> names, int[] rows) {
      List<HostWeight.Dense> parts = new ArrayList<>();
      float[] bias = new float[java.util.Arrays.stream(rows).sum()];
      int at = 0;
      for (int i = 0; i < rows.length; i++) {
        Linear part = linear(names.get(i), rows[i], config.hiddenSize(), biased);
        parts.add((HostWeight.Dense) part.weight());
        if (biased) {
          System.arraycopy(part.bias().orElseThrow(), 0, bias, at, rows[i]);
        }
        at += rows[i];
      }
      return new Linear(
          new HostWeight.Stacked(parts), biased ? Optional.of(bias) : Optional.empty());
    }

    private Linear linear(String name, int rows, int columns, boolean biased) {
      return new Linear(
          checkpoint.matrix(name + ".weight", rows, columns),
          checkpoint.bias(biased, name + ".bias", rows));
    }

    private Weight plain(String name, int rows, int columns) {
      return device.prepare(new Linear(checkpoint.matrix(name, rows, columns), Optional.empty()));
    }

    private WeightVector norm(String name) {
      return device.prepare(checkpoint.vector(name, config.hiddenSize()));
    }
  }
}
