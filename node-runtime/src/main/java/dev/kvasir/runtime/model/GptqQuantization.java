package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * GPTQ as AutoGPTQ and GPTQModel write it.
 *
 * @param modules ends of the names of layers that are quantized; empty: all
 * @param rules exceptions, the first that matches a layer's name holds
 */
record GptqQuantization(GptqForm quantized, boolean head, List<String> modules, List<Rule> rules)
    implements Quantization {
  private static final int MOST_RULES = 10_000;

  /** The form of the layers that a pattern matches. */
  record Rule(LayerPattern pattern, StoredForm form) {}

  static GptqQuantization read(JsonFields config) {
    String format = config.text("checkpoint_format", config.text("format", "gptq"));
    int zeroOffset =
        switch (format.toLowerCase(Locale.ROOT)) {
          case "gptq" -> 1;
          case "gptq_v2" -> 0;
          default ->
              throw new StartupException(
                  "%s: GPTQ checkpoint_format '%s' is not supported; gptq and gptq_v2 are"
                      .formatted(config.file(), format));
        };
    if (config.flag("is_marlin_format", false)) {
      throw new StartupException(
          config.file() + ": GPTQ in marlin's format is not supported; gptq and gptq_v2 are");
    }
    if (!config.text("pack_dtype", "int32").equals("int32")) {
      throw config.wrong("pack_dtype", "int32");
    }
    GptqForm form = form(config, new GptqForm(4, 128, zeroOffset));
    return new GptqQuantization(
        form,
        config.flag("lm_head", false),
        config.textList("modules_in_block_to_quantize"),
        rules(config, form));
  }

  private static GptqForm form(JsonFields config, GptqForm otherwise) {
    int bits = config.positive("bits", otherwise.bits());
    if (bits != 4 && bits != 8) {
      throw new StartupException(
          "%s: GPTQ with %d bits is not supported; 4 and 8 bits are"
              .formatted(config.file(), bits));
    }
    return new GptqForm(
        bits, config.groupSize("group_size", otherwise.groupSize()), otherwise.zeroOffset());
  }

  private static List<Rule> rules(JsonFields config, GptqForm general) {
    Map<String, JsonFields> dynamic = config.objects("dynamic");
    if (dynamic.size() > MOST_RULES) {
      throw config.wrong("dynamic", "at most " + MOST_RULES + " rules");
    }
    List<Rule> rules = new ArrayList<>();
    String field = config.file() + ": dynamic";
    dynamic.forEach((pattern, overrides) -> {
      boolean plain = pattern.startsWith("-:");
      String regex = plain || pattern.startsWith("+:") ? pattern.substring(2) : pattern;
      StoredForm form = plain ? new PlainForm() : form(overrides, general);
      rules.add(new Rule(LayerPattern.compile(regex, field), form));
    });
    return List.copyOf(rules);
  }

  @Override
  public String method() {
    return "gptq";
  }

  @Override
  public String inWords() {
    return "gptq int%d, %s"
        .formatted(quantized.bits(), Quantization.groupsInWords(quantized.groupSize()));
  }

  @Override
  public StoredForm form(String layer) {
    for (Rule rule : rules) {
      if (rule.pattern().matches(layer)) {
        return rule.form();
      }
    }
    boolean isHead = layer.endsWith("lm_head");
    boolean chosen =
        isHead ? head : modules.isEmpty() || modules.stream().anyMatch(layer::endsWith);
    return chosen ? quantized : new PlainForm();
  }
}
