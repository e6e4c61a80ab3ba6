package dev.kvasir.runtime.model;

import java.util.List;

/** How a checkpoint's linear layers are quantized, layer by layer. */
sealed interface Quantization
    permits Quantization.None,
        AwqQuantization,
        GptqQuantization,
        Fp8Quantization,
        CompressedTensorsQuantization {

  /** Its name on the command line. */
  String method();

  /** For people: method and form. */
  String inWords();

  /** The form of a layer, named without ".weight". */
  StoredForm form(String layer);

  /** Plain weights. */
  record None() implements Quantization {
    @Override
    public String method() {
      return "none";
    }

    @Override
    public String inWords() {
      return "not quantized";
    }

    @Override
    public StoredForm form(String layer) {
      return new PlainForm();
    }
  }

  /** Whether one of these names is the layer's, or that of a module around or at its end. */
  static boolean names(List<String> names, String layer) {
    return names.stream().anyMatch(name -> ("." + layer + ".").contains("." + name + "."));
  }

  static String groupsInWords(int groupSize) {
    return groupSize == 0 ? "a scale per channel" : "groups of " + groupSize;
  }
}
