package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.List;
import java.util.Set;

/**
 * Refuses fields of config.json that would change a model's arithmetic and that nothing reads, and
 * warns of those whose meaning is not known.
 */
final class UnsupportedFields {
  /** Of decoders with parts that these families lack. */
  private static final List<String> FOREIGN =
      List.of(
          "num_local_experts",
          "num_experts",
          "n_routed_experts",
          "num_experts_per_tok",
          "moe_intermediate_size",
          "vision_config",
          "audio_config",
          "use_bidirectional_attention",
          "attention_sinks",
          "attention_chunk_size",
          "no_rope_layers",
          "use_mrope",
          "use_qk_norm",
          "qk_layernorm",
          "clip_qkv",
          "alibi",
          "parallel_attn",
          "embedding_multiplier",
          "residual_multiplier",
          "attention_multiplier",
          "logits_scaling",
          "logit_scale",
          "lm_head_bias",
          "mup_enabled");

  /** They say nothing about the arithmetic of inference, or others read them. */
  private static final Set<String> HARMLESS =
      Set.of(
          "_name_or_path",
          "_sliding_window_pattern",
          "architectures",
          "attention_dropout",
          "auto_map",
          "bos_token_id",
          "cache_implementation",
          "compression_config",
          "dtype",
          "embd_pdrop",
          "eos_token_id",
          "hidden_act",
          "initializer_range",
          "max_window_layers",
          "model_type",
          "original_max_position_embeddings",
          "pad_token_id",
          "pretraining_tp",
          "quantization_config",
          "resid_pdrop",
          "rope_theta",
          "rope_local_base_freq",
          "sliding_window",
          "sliding_window_pattern",
          "torch_dtype",
          "transformers_version",
          "use_cache",
          "use_sliding_window");

  private static final System.Logger LOG = System.getLogger(UnsupportedFields.class.getName());

  private UnsupportedFields() {}

  static void warnOfUnread(JsonFields config) {
    Set<String> unread = config.unread();
    unread.removeAll(HARMLESS);
    if (!unread.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: nothing here knows these fields, and they change nothing: {1}",
          config.file(),
          unread.stream().limit(20).toList());
    }
  }

  static void refuse(JsonFields config, Family family) {
    FOREIGN.forEach(field -> refuse(config, family, field));
    if (!family.has(Family.Trait.ATTENTION_BIAS_FLAG) && !family.has(Family.Trait.QKV_BIAS)) {
      refuse(config, family, "attention_bias");
    }
    if (!family.has(Family.Trait.MLP_BIAS_FLAG)) {
      refuse(config, family, "mlp_bias");
    }
    if (!family.has(Family.Trait.SCORE_SOFTCAP)) {
      refuse(config, family, "attn_logit_softcapping");
    }
    if (!family.has(Family.Trait.LOGIT_SOFTCAP)) {
      refuse(config, family, "final_logit_softcapping");
    }
  }

  private static void refuse(JsonFields config, Family family, String field) {
    if (config.isSet(field)) {
      throw new StartupException(
          "%s: %s is not supported in a %s".formatted(config.file(), field, family.architecture()));
    }
  }
}
