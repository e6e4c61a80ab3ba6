package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.model.Float8Form.Activations;
import java.util.Set;

/** What one of compressed-tensors' config groups says of its layers' weights and activations. */
record CompressedTensorsScheme(StoredForm form, String inWords) {
  private static final Set<String> BYTES = Set.of("int-quantized", "naive-quantized");
  private static final Set<String> FLOATS = Set.of("float-quantized", "naive-quantized");
  private static final String PACKED = "pack-quantized";

  static CompressedTensorsScheme read(JsonFields group, String generalFormat) {
    String format = group.text("format", generalFormat);
    if (format.equals("dense") || !group.has("weights")) {
      return new CompressedTensorsScheme(new PlainForm(), "plain");
    }
    if (group.has("output_activations")) {
      throw unsupported(group, "output_activations");
    }
    JsonFields weights = group.object("weights");
    return switch (weights.text("type", "int")) {
      case "int" -> integers(group, weights, format);
      case "float" -> floats(group, weights, format);
      default -> throw weights.wrong("type", "int or float");
    };
  }

  private static StartupException unsupported(JsonFields config, String what) {
    return new StartupException(
        "%s: compressed-tensors with %s is not supported; pack-quantized (4 and 8 bits), int-quantized, naive-quantized and float-quantized (8 bits) are"
            .formatted(config.file(), what));
  }

  private static CompressedTensorsScheme integers(
      JsonFields group, JsonFields weights, String format) {
    int bits = weights.positive("num_bits", 8);
    IntScaling scaling = scaling(weights);
    if (format.equals(PACKED) && (bits == 4 || bits == 8)) {
      if (scaling.perTensor() && !scaling.symmetric()) {
        throw unsupported(group, "one zero point per tensor in " + PACKED);
      }
      return new CompressedTensorsScheme(
          new PackedIntForm(bits, scaling), "int" + bits + ", " + scaling.inWords());
    }
    if (BYTES.contains(format) && bits <= 8) {
      ActivationScale activation =
          group.has("input_activations")
              ? new ActivationScale.PerToken()
              : new ActivationScale.None();
      return new CompressedTensorsScheme(
          new PlainIntForm(scaling, activation), "int8, " + scaling.inWords());
    }
    throw unsupported(group, "integers of %d bits in format %s".formatted(bits, format));
  }

  private static IntScaling scaling(JsonFields weights) {
    boolean symmetric = weights.flag("symmetric", true);
    int groupSize = weights.groupSize("group_size", 0);
    String strategy = weights.text("strategy", groupSize > 0 ? "group" : "tensor");
    return switch (strategy) {
      case "tensor" -> new IntScaling(true, 0, symmetric);
      case "channel" -> new IntScaling(false, 0, symmetric);
      case "group" -> new IntScaling(false, weights.groupSize("group_size", 128), symmetric);
      default -> throw unsupported(weights, "strategy " + strategy + " of integer weights");
    };
  }

  private static CompressedTensorsScheme floats(
      JsonFields group, JsonFields weights, String format) {
    int bits = weights.positive("num_bits", 8);
    if (!FLOATS.contains(format) || bits != 8) {
      throw unsupported(group, "floats of %d bits in format %s".formatted(bits, format));
    }
    String strategy = weights.text("strategy", "tensor");
    int[] block =
        switch (strategy) {
          case "tensor" -> new int[] {0, 0};
          case "channel" -> new int[] {1, 0};
          case "block" -> weights.positivePair("block_structure");
          default -> throw unsupported(group, "strategy " + strategy + " of float weights");
        };
    Float8Form form = new Float8Form(block[0], block[1], activations(group));
    return new CompressedTensorsScheme(form, "fp8, " + form.scalingInWords());
  }

  private static Activations activations(JsonFields group) {
    if (!group.has("input_activations")) {
      return Activations.AS_THEY_ARE;
    }
    JsonFields inputs = group.object("input_activations");
    String strategy = inputs.text("strategy", "tensor");
    boolean dynamic = inputs.flag("dynamic", false);
    return switch (strategy) {
      case "tensor" -> dynamic ? Activations.PER_TOKEN : Activations.STATIC;
      case "token" -> Activations.PER_TOKEN;
      case "group" -> Activations.PER_GROUP;
      default -> throw unsupported(group, "strategy " + strategy + " of activations");
    };
  }
}
