package dev.kvasir.runtime.model;

import dev.kvasir.runtime.model.Float8Form.Activations;
import java.util.ArrayList;
import java.util.List;

/**
 * 8-bit floats as vLLM's and transformers' "fp8" and Meta's "fbgemm_fp8" have them.
 *
 * @param notConverted names of layers, or of modules around them, that stay plain
 */
record Fp8Quantization(Float8Form quantized, List<String> notConverted) implements Quantization {

  static Fp8Quantization read(JsonFields config) {
    int[] block =
        config.has("weight_block_size") ? config.positivePair("weight_block_size") : new int[2];
    Activations activations =
        switch (config.text("activation_scheme", "dynamic")) {
          case "dynamic" -> block[0] > 0 ? Activations.PER_GROUP : Activations.PER_TOKEN;
          case "static" -> Activations.STATIC;
          default -> throw config.wrong("activation_scheme", "dynamic or static");
        };
    List<String> notConverted = new ArrayList<>(config.textList("ignored_layers"));
    notConverted.addAll(config.textList("modules_to_not_convert"));
    return new Fp8Quantization(new Float8Form(block[0], block[1], activations), notConverted);
  }

  static Fp8Quantization readFbgemm(JsonFields config) {
    return new Fp8Quantization(
        new Float8Form(1, 0, Activations.PER_TOKEN), config.textList("modules_to_not_convert"));
  }

  @Override
  public String method() {
    return "fp8";
  }

  @Override
  public String inWords() {
    return "fp8, " + quantized.scalingInWords();
  }

  @Override
  public StoredForm form(String layer) {
    boolean plain = layer.endsWith("lm_head") || Quantization.names(notConverted, layer);
    return plain ? new PlainForm() : quantized;
  }
}
