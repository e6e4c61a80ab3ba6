package dev.kvasir.runtime.model;

import dev.kvasir.runtime.model.Family.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Linear layers that read one input, and what gives it: a scale of the inputs can move into either.
 *
 * @param norm the norm that gives the inputs
 * @param rows the rows of a linear layer that the inputs are proportional to
 */
public record LinearStage(List<String> linears, Optional<Norm> norm, Optional<Rows> rows) {

  /**
   * A norm's weight.
   *
   * @param offset what is added to the stored values
   */
  public record Norm(String tensor, float offset) {}

  /** Some rows of a linear layer, one for each input. */
  public record Rows(String linear, int firstRow, int count) {}

  static List<LinearStage> of(ModelConfig config) {
    List<LinearStage> stages = new ArrayList<>();
    for (int i = 0; i < config.layers().size(); i++) {
      String layer = config.tensorPrefix() + "model.layers." + i + ".";
      addAttention(config, layer, stages);
      addMlp(config, layer, stages);
    }
    return List.copyOf(stages);
  }

  private static void addAttention(ModelConfig config, String layer, List<LinearStage> stages) {
    String prefix = layer + "self_attn.";
    int queries = config.attention().queryWidth();
    int keys = config.attention().kvWidth();
    boolean fused = config.family().has(Trait.FUSED_PROJECTIONS);
    stages.add(
        afterNorm(
            config,
            layer + "input_layernorm",
            fused
                ? List.of(prefix + "qkv_proj")
                : List.of(prefix + "q_proj", prefix + "k_proj", prefix + "v_proj")));
    Rows values =
        fused
            ? new Rows(prefix + "qkv_proj", queries + keys, keys)
            : new Rows(prefix + "v_proj", 0, keys);
    // Where several heads read one value, no scale of a row is that of one input.
    Optional<Rows> source = queries == keys ? Optional.of(values) : Optional.empty();
    stages.add(new LinearStage(List.of(prefix + "o_proj"), Optional.empty(), source));
  }

  private static void addMlp(ModelConfig config, String layer, List<LinearStage> stages) {
    String prefix = layer + "mlp.";
    int width = config.intermediateSize();
    boolean fused = config.family().has(Trait.FUSED_PROJECTIONS);
    boolean bothSides = config.family().has(Trait.GEMMA_NORMS);
    stages.add(
        afterNorm(
            config,
            layer + (bothSides ? "pre_feedforward_layernorm" : "post_attention_layernorm"),
            fused
                ? List.of(prefix + "gate_up_proj")
                : List.of(prefix + "gate_proj", prefix + "up_proj")));
    Rows up =
        fused
            ? new Rows(prefix + "gate_up_proj", width, width)
            : new Rows(prefix + "up_proj", 0, width);
    stages.add(new LinearStage(List.of(prefix + "down_proj"), Optional.empty(), Optional.of(up)));
  }

  private static LinearStage afterNorm(ModelConfig config, String norm, List<String> linears) {
    float offset = config.family().has(Trait.GEMMA_NORMS) ? 1 : 0;
    return new LinearStage(
        linears, Optional.of(new Norm(norm + ".weight", offset)), Optional.empty());
  }
}
