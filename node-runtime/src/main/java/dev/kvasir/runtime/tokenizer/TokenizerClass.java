package dev.kvasir.runtime.tokenizer;

import java.util.Map;

/**
 * Which of transformers' tokenizer classes loads a checkpoint. All but the last put parts of their
 * own in place of those that a tokenizer.json says.
 */
enum TokenizerClass {
  LLAMA,
  GEMMA,
  QWEN2,
  FILE;

  /** What transformers has for a model type, whatever class a configuration names. */
  private static final Map<String, TokenizerClass> REGISTERED =
      Map.of(
          "qwen2", QWEN2,
          "qwen3", QWEN2,
          "gemma", GEMMA,
          "gemma2", GEMMA,
          "gemma3", GEMMA,
          "gemma3_text", GEMMA,
          "mistral", FILE,
          "ministral", FILE,
          "phi3", FILE);

  /** The special tokens that it has where no file says otherwise. */
  Map<String, String> tokens() {
    return switch (this) {
      case LLAMA -> Map.of("unk_token", "<unk>", "bos_token", "<s>", "eos_token", "</s>");
      case GEMMA ->
          Map.of(
              "unk_token", "<unk>",
              "bos_token", "<bos>",
              "eos_token", "<eos>",
              "pad_token", "<pad>",
              "mask_token", "<mask>");
      case QWEN2 ->
          Map.of(
              "unk_token", "<|endoftext|>",
              "eos_token", "<|endoftext|>",
              "pad_token", "<|endoftext|>");
      case FILE -> Map.of();
    };
  }

  /**
   * The class that transformers' AutoTokenizer takes.
   *
   * @param declared the class that the checkpoint names, or null
   * @param modelType of config.json, or null
   * @param byteLevel whether tokenizer.json is of bytes, which Llama's class can't be used for
   */
  static TokenizerClass of(String declared, String modelType, boolean byteLevel) {
    TokenizerClass registered = REGISTERED.get(modelType == null ? "" : modelType);
    if (declared == null) {
      return registered == null ? FILE : registered;
    }
    if (registered == FILE || "qwen2".equals(modelType)) {
      return registered;
    }
    TokenizerClass named = named(declared);
    return named == LLAMA && byteLevel ? FILE : named;
  }

  private static TokenizerClass named(String name) {
    return switch (name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name) {
      case "LlamaTokenizer" -> LLAMA;
      case "GemmaTokenizer" -> GEMMA;
      case "Qwen2Tokenizer" -> QWEN2;
      default -> FILE;
    };
  }
}
