package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.AttentionShape;
import dev.kvasir.runtime.engine.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What config.json says of a model of the Llama family. */
record ModelConfig(
    String architecture,
    int vocabularySize,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    float normEpsilon,
    RopeConfig rope,
    boolean attentionBias,
    boolean mlpBias,
    boolean tiedEmbeddings,
    int maxPositionEmbeddings,
    Set<Integer> eosTokenIds) {
  private static final String LLAMA = "LlamaForCausalLM";

  static ModelConfig read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StartupException("--model " + directory + ": there is no such directory");
    }
    Path file = directory.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new StartupException(
          "--model "
              + directory
              + ": no config.json; a directory in Hugging Face layout is wanted");
    }
    JsonFields config = JsonFields.read(file);
    refuseUnsupported(config);
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    int kvHeads = config.positive("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      throw config.wrong("num_key_value_heads", "a divisor of num_attention_heads = " + heads);
    }
    return new ModelConfig(
        LLAMA,
        config.positive("vocab_size"),
        hidden,
        config.positive("intermediate_size"),
        config.positive("num_hidden_layers"),
        heads,
        kvHeads,
        headDim(config, hidden, heads),
        (float) config.number("rms_norm_eps", 1e-6),
        RopeConfig.read(config),
        config.flag("attention_bias", false),
        config.flag("mlp_bias", false),
        config.flag("tie_word_embeddings", false),
        config.positive("max_position_embeddings", 2048),
        config.tokenIds("eos_token_id"));
  }

  private static int headDim(JsonFields config, int hidden, int heads) {
    if (!config.has("head_dim") && hidden % heads != 0) {
      throw config.wrong("hidden_size", "a multiple of num_attention_heads = " + heads);
    }
    int headDim = config.positive("head_dim", hidden / heads);
    if (headDim % 2 != 0) {
      throw config.wrong("head_dim", "even, since a rotary embedding turns pairs");
    }
    return headDim;
  }

  private static void refuseUnsupported(JsonFields config) {
    String type = config.text("model_type", "llama");
    String architecture = config.firstText("architectures", LLAMA);
    if (!architecture.equals(LLAMA) || !type.equals("llama")) {
      throw new StartupException(
          "%s: architecture %s (model_type %s) is not supported yet; %s is"
              .formatted(config.file(), architecture, type, LLAMA));
    }
    String activation = config.text("hidden_act", "silu");
    if (!activation.equals("silu")) {
      throw new StartupException(
          "%s: hidden_act '%s' is not supported; silu is".formatted(config.file(), activation));
    }
  }

  AttentionShape attention() {
    return new AttentionShape(heads, kvHeads, headDim, (float) (1 / Math.sqrt(headDim)));
  }

  /** All weights, tied ones once. */
  long parameters() {
    long qkv = (long) attention().qkvWidth() * hiddenSize;
    long output = (long) attention().queryWidth() * hiddenSize;
    long mlp = 3L * hiddenSize * intermediateSize;
    long biases =
        (attentionBias ? attention().qkvWidth() + hiddenSize : 0)
            + (mlpBias ? 2L * intermediateSize + hiddenSize : 0);
    long layer = qkv + output + mlp + biases + 2L * hiddenSize;
    long embeddings = (tiedEmbeddings ? 1L : 2L) * vocabularySize * hiddenSize;
    return layers * layer + embeddings + hiddenSize;
  }
}
