package dev.kvasir.runtime.model;

import static dev.kvasir.runtime.model.Family.Trait.ATTENTION_BIAS_FLAG;
import static dev.kvasir.runtime.model.Family.Trait.FUSED_PROJECTIONS;
import static dev.kvasir.runtime.model.Family.Trait.GEMMA_NORMS;
import static dev.kvasir.runtime.model.Family.Trait.LOGIT_SOFTCAP;
import static dev.kvasir.runtime.model.Family.Trait.LONGROPE_STARTS_ANEW;
import static dev.kvasir.runtime.model.Family.Trait.MLP_BIAS_FLAG;
import static dev.kvasir.runtime.model.Family.Trait.PARTIAL_ROTARY;
import static dev.kvasir.runtime.model.Family.Trait.QKV_BIAS;
import static dev.kvasir.runtime.model.Family.Trait.QUERY_KEY_NORMS;
import static dev.kvasir.runtime.model.Family.Trait.QUERY_PRE_ATTENTION_SCALAR;
import static dev.kvasir.runtime.model.Family.Trait.ROPE_PER_LAYER_TYPE;
import static dev.kvasir.runtime.model.Family.Trait.SCALED_EMBEDDINGS;
import static dev.kvasir.runtime.model.Family.Trait.SCORE_SOFTCAP;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * A family of decoders: how it differs from the plain one, which norms, attends over all positions
 * with rotary embeddings, norms again and has a gated network with SiLU.
 */
enum Family {
  LLAMA(
      "llama",
      "LlamaForCausalLM",
      Windows.NEVER,
      "{'max_position_embeddings': 2048}",
      ATTENTION_BIAS_FLAG,
      MLP_BIAS_FLAG),
  MISTRAL(
      "mistral",
      "MistralForCausalLM",
      Windows.ALWAYS,
      "{'num_key_value_heads': 8, 'max_position_embeddings': 131072, 'sliding_window': 4096}"),
  QWEN2(
      "qwen2",
      "Qwen2ForCausalLM",
      Windows.UPPER_LAYERS,
      """
      {'num_key_value_heads': 32, 'max_position_embeddings': 32768, 'sliding_window': 4096,
       'max_window_layers': 28}\
      """,
      QKV_BIAS),
  QWEN3(
      "qwen3",
      "Qwen3ForCausalLM",
      Windows.UPPER_LAYERS,
      """
      {'num_key_value_heads': 32, 'head_dim': 128, 'max_position_embeddings': 32768,
       'sliding_window': 4096, 'max_window_layers': 28}\
      """,
      ATTENTION_BIAS_FLAG,
      QUERY_KEY_NORMS),
  GEMMA2(
      "gemma2",
      "Gemma2ForCausalLM",
      Windows.EVERY_OTHER_LAYER,
      """
      {'num_attention_heads': 8, 'num_key_value_heads': 4, 'head_dim': 256,
       'hidden_activation': 'gelu_pytorch_tanh', 'max_position_embeddings': 8192,
       'tie_word_embeddings': true, 'query_pre_attn_scalar': 256, 'sliding_window': 4096,
       'attn_logit_softcapping': 50.0, 'final_logit_softcapping': 30.0}\
      """,
      ATTENTION_BIAS_FLAG,
      GEMMA_NORMS,
      SCALED_EMBEDDINGS,
      QUERY_PRE_ATTENTION_SCALAR,
      SCORE_SOFTCAP,
      LOGIT_SOFTCAP),
  GEMMA3(
      "gemma3_text",
      "Gemma3ForCausalLM",
      Windows.ALL_BUT_EVERY_NTH,
      """
      {'vocab_size': 262208, 'num_attention_heads': 8, 'num_key_value_heads': 4, 'head_dim': 256,
       'hidden_activation': 'gelu_pytorch_tanh', 'max_position_embeddings': 131072,
       'tie_word_embeddings': true, 'query_pre_attn_scalar': 256, 'sliding_window': 4096,
       'sliding_window_pattern': 6, 'rope_theta': 1000000.0, 'rope_local_base_freq': 10000.0}\
      """,
      ATTENTION_BIAS_FLAG,
      QUERY_KEY_NORMS,
      GEMMA_NORMS,
      SCALED_EMBEDDINGS,
      QUERY_PRE_ATTENTION_SCALAR,
      LOGIT_SOFTCAP,
      ROPE_PER_LAYER_TYPE),
  PHI3(
      "phi3",
      "Phi3ForCausalLM",
      Windows.ALWAYS,
      """
      {'rms_norm_eps': 1e-5, 'max_position_embeddings': 4096,
       'original_max_position_embeddings': 4096}\
      """,
      FUSED_PROJECTIONS,
      PARTIAL_ROTARY,
      LONGROPE_STARTS_ANEW);

  /** Something that a family does and the plain decoder does not. */
  enum Trait {
    /** {@code attention_bias} says whether query, key, value and output have biases. */
    ATTENTION_BIAS_FLAG,
    /** {@code mlp_bias} says whether the gated network has biases. */
    MLP_BIAS_FLAG,
    /** Query, key and value always have biases, the output never. */
    QKV_BIAS,
    /** One tensor for query, key and value, and one for gate and up. */
    FUSED_PROJECTIONS,
    /** Each head of query and key is normed before it is rotated. */
    QUERY_KEY_NORMS,
    /** Attention and network are normed on both sides, and norms store their weight less one. */
    GEMMA_NORMS,
    /** Embeddings are multiplied with the root of their width. */
    SCALED_EMBEDDINGS,
    /** Scores are divided by the root of {@code query_pre_attn_scalar}, not of the head's width. */
    QUERY_PRE_ATTENTION_SCALAR,
    /** {@code attn_logit_softcapping} bounds scores. */
    SCORE_SOFTCAP,
    /** {@code final_logit_softcapping} bounds logits. */
    LOGIT_SOFTCAP,
    /** Layers with a window have another rotary embedding than those without. */
    ROPE_PER_LAYER_TYPE,
    /** {@code partial_rotary_factor} may leave a part of each head unrotated. */
    PARTIAL_ROTARY,
    /** A sequence that crosses longrope's original length is computed again. */
    LONGROPE_STARTS_ANEW
  }

  /** Which layers have a sliding window where {@code layer_types} does not list them. */
  enum Windows {
    NEVER,
    /** All, where {@code sliding_window} is set. */
    ALWAYS,
    /** Those from {@code max_window_layers} on, where {@code use_sliding_window} is true. */
    UPPER_LAYERS,
    /** The first, the third and so on. */
    EVERY_OTHER_LAYER,
    /** All but the last of each {@code sliding_window_pattern}. */
    ALL_BUT_EVERY_NTH
  }

  private final String modelType;
  private final String architecture;
  private final Windows windows;
  private final String defaults;

  // Made by Set.of(), which nobody can change.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<Trait> traits;

  Family(String modelType, String architecture, Windows windows, String defaults, Trait... traits) {
    this.modelType = modelType;
    this.architecture = architecture;
    this.windows = windows;
    this.defaults = defaults.replace('\'', '"');
    this.traits = Set.of(traits);
  }

  /** The family that a {@code model_type} names. */
  static Optional<Family> of(String modelType) {
    return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
  }

  String modelType() {
    return modelType;
  }

  String architecture() {
    return architecture;
  }

  Windows windows() {
    return windows;
  }

  /** What config.json means where it leaves a field out, as JSON. */
  String defaults() {
    return defaults;
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }
}
