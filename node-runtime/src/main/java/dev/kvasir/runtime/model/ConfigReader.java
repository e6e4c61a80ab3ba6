package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Activation;
import dev.kvasir.runtime.engine.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads config.json as transformers understands it, or refuses it by name. Of a Gemma 3 with images
 * it reads the text part.
 *
 * @param tensorPrefix before the names of the decoder's tensors
 */
record ConfigReader(JsonFields config, Family family, String tensorPrefix) {
  /** A bound for broken files; no model comes near it. */
  private static final int MOST_LAYERS = 10_000;

  private static final String WITH_IMAGES = "Gemma3ForConditionalGeneration";

  static ModelConfig read(Path directory) {
    JsonFields config = JsonFields.read(file(directory));
    return hasImages(config) ? read(textPart(config), "language_model.") : read(config, "");
  }

  private static ModelConfig read(JsonFields config, String tensorPrefix) {
    Family family = family(config);
    UnsupportedFields.refuse(config, family);
    JsonFields whole = config.withDefaults(family.defaults());
    ModelConfig read = new ConfigReader(whole, family, tensorPrefix).read();
    UnsupportedFields.warnOfUnread(whole);
    return read;
  }

  private static boolean hasImages(JsonFields config) {
    return config.text("model_type", "").equals("gemma3")
        && config.firstText("architectures", WITH_IMAGES).equals(WITH_IMAGES);
  }

  private static JsonFields textPart(JsonFields config) {
    return config
        .object("text_config")
        .withFieldsOf(config, List.of("eos_token_id", "tie_word_embeddings"));
  }

  private static Path file(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StartupException("--model " + directory + ": there is no such directory");
    }
    if (Files.isRegularFile(directory.resolve("adapter_config.json"))) {
      throw new StartupException(
          directory.resolve("adapter_config.json")
              + ": LoRA adapters are not supported; merge the adapter into its base model");
    }
    Path file = directory.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new StartupException(
          "--model "
              + directory
              + ": no config.json; a directory in Hugging Face layout is wanted");
    }
    return file;
  }

  private static Family family(JsonFields config) {
    String type = config.text("model_type", "llama");
    Family family = Family.of(type).orElse(null);
    String architecture =
        config.firstText("architectures", family == null ? "unknown" : family.architecture());
    if (family == null || !architecture.equals(family.architecture())) {
      throw new StartupException(
          "%s: architecture %s (model_type %s) is not supported; %s are"
              .formatted(config.file(), architecture, type, supported()));
    }
    return family;
  }

  private static String supported() {
    return Stream.of(Family.values())
        .map(f -> "%s (%s)".formatted(f.architecture(), f.modelType()))
        .collect(Collectors.joining(", "));
  }

  private ModelConfig read() {
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    int kvHeads = config.positive("num_key_value_heads", heads);
    if (heads % kvHeads != 0) {
      throw config.wrong("num_key_value_heads", "a divisor of num_attention_heads = " + heads);
    }
    int headDim = headDim(hidden, heads);
    int maxPositions = config.positive("max_position_embeddings");
    RopeReader ropes = new RopeReader(config, family, headDim, maxPositions);
    RopeConfig full = ropes.full();
    long longest = longest(full, maxPositions);
    boolean flagged =
        family.has(Family.Trait.ATTENTION_BIAS_FLAG) && config.flag("attention_bias", false);
    return new ModelConfig(
        family,
        tensorPrefix,
        config.positive("vocab_size"),
        hidden,
        config.positive("intermediate_size"),
        layers(ropes, full, longest),
        heads,
        kvHeads,
        headDim,
        ropes.dimensions(),
        scoreScale(headDim),
        softcap(Family.Trait.SCORE_SOFTCAP, "attn_logit_softcapping"),
        softcap(Family.Trait.LOGIT_SOFTCAP, "final_logit_softcapping"),
        (float) config.number("rms_norm_eps", 1e-6),
        activation(),
        flagged || family.has(Family.Trait.QKV_BIAS),
        flagged,
        family.has(Family.Trait.MLP_BIAS_FLAG) && config.flag("mlp_bias", false),
        config.flag("tie_word_embeddings", false),
        (int) Math.min(longest, Integer.MAX_VALUE),
        config.tokenIds("eos_token_id"));
  }

  private int headDim(int hidden, int heads) {
    if (!config.has("head_dim") && hidden % heads != 0) {
      throw config.wrong("hidden_size", "a multiple of num_attention_heads = " + heads);
    }
    int headDim = config.positive("head_dim", hidden / heads);
    if (headDim % 2 != 0) {
      throw config.wrong("head_dim", "even, since a rotary embedding turns pairs");
    }
    return headDim;
  }

  /** Gemma 3 names the length that it was scaled to, others the one before. */
  private long longest(RopeConfig rope, int maxPositions) {
    boolean scaled =
        family.has(Family.Trait.ROPE_PER_LAYER_TYPE) && rope instanceof RopeConfig.Linear;
    return scaled ? maxPositions : rope.longest(maxPositions);
  }

  private List<LayerConfig> layers(RopeReader ropes, RopeConfig full, long longest) {
    int count = config.positive("num_hidden_layers");
    if (count > MOST_LAYERS) {
      throw config.wrong("num_hidden_layers", "at most " + MOST_LAYERS);
    }
    LayerWindows windows = new LayerWindows(config, family, count);
    List<Boolean> windowed = windows.windowed();
    if (!windowed.contains(true)) {
      return windowed.stream().map(no -> new LayerConfig(0, full)).toList();
    }
    int window = windows.window();
    // A window that no sequence outgrows hides nothing.
    int seen = window >= longest ? 0 : window;
    RopeConfig within = ropes.windowed();
    List<LayerConfig> layers =
        windowed.stream()
            .map(yes -> yes ? new LayerConfig(seen, within) : new LayerConfig(0, full))
            .toList();
    if (ModelConfig.rotations(layers).count() > 1) {
      throw config.wrong(
          "rope_parameters", "the same in all layers where they depend on the length");
    }
    return layers;
  }

  private float scoreScale(int headDim) {
    double divisor =
        family.has(Family.Trait.QUERY_PRE_ATTENTION_SCALAR)
            ? config.number("query_pre_attn_scalar")
            : headDim;
    if (divisor <= 0) {
      throw config.wrong("query_pre_attn_scalar", "a positive number");
    }
    return (float) (1 / Math.sqrt(divisor));
  }

  private float softcap(Family.Trait trait, String field) {
    double cap = family.has(trait) ? config.number(field, 0) : 0;
    if (cap < 0) {
      throw config.wrong(field, "a positive number or null");
    }
    return (float) cap;
  }

  private Activation activation() {
    String field = family.has(Family.Trait.GEMMA_NORMS) ? "hidden_activation" : "hidden_act";
    String name = config.text(field, "silu");
    return switch (name) {
      case "silu", "swish" -> Activation.SILU;
      case "gelu_pytorch_tanh", "gelu_new" -> Activation.GELU_TANH;
      default ->
          throw new StartupException(
              "%s: %s '%s' is not supported; silu and gelu_pytorch_tanh are"
                  .formatted(config.file(), field, name));
    };
  }
}
