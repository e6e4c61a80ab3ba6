package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.List;
import java.util.Locale;

/**
 * AutoAWQ's: 4 bits with zeros.
 *
 * @param notConverted parts of names of layers that stay plain
 */
record AwqQuantization(AwqForm quantized, List<String> notConverted) implements Quantization {

  static AwqQuantization read(JsonFields config) {
    int bits = config.positive("bits", config.positive("w_bit", 4));
    if (bits != 4) {
      throw new StartupException(
          "%s: AWQ with %d bits is not supported; 4 bits are".formatted(config.file(), bits));
    }
    String version = config.text("version", config.text("format", "gemm"));
    if (!version.toLowerCase(Locale.ROOT).equals("gemm")) {
      throw new StartupException(
          "%s: AWQ version '%s' is not supported; gemm is".formatted(config.file(), version));
    }
    String field = config.has("group_size") ? "group_size" : "q_group_size";
    return new AwqQuantization(
        new AwqForm(config.groupSize(field, 128)), config.textList("modules_to_not_convert"));
  }

  @Override
  public String method() {
    return "awq";
  }

  @Override
  public String inWords() {
    return "awq int4, " + Quantization.groupsInWords(quantized.groupSize());
  }

  /** AutoAWQ converts the decoder's layers only. */
  @Override
  public StoredForm form(String layer) {
    boolean plain = layer.endsWith("lm_head") || notConverted.stream().anyMatch(layer::contains);
    return plain ? new PlainForm() : quantized;
  }
}
