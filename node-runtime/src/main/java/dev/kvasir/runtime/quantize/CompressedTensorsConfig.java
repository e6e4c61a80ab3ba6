package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The quantization_config of compressed-tensors, as llm-compressor writes it. */
final class CompressedTensorsConfig {
  private CompressedTensorsConfig() {}

  /** One group that takes every linear layer but the head. */
  static ObjectNode of(String format, ObjectNode group) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("quant_method", "compressed-tensors").put("format", format);
    config.put("quantization_status", "compressed").putNull("global_compression_ratio");
    config.putNull("kv_cache_scheme");
    config.putArray("ignore").add("lm_head");
    group.put("format", format);
    config.putObject("config_groups").set("group_0", group);
    return config;
  }

  static ObjectNode int4(int groupSize) {
    return group(arguments(4, "int", "group", false).put("group_size", groupSize), null);
  }

  /** A scale for each row; activations are rounded too, a scale for each token. */
  static ObjectNode channels(String type) {
    return group(arguments(8, type, "channel", false), arguments(8, type, "token", true));
  }

  private static ObjectNode group(ObjectNode weights, ObjectNode inputs) {
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    group.putArray("targets").add("Linear");
    group.set("weights", weights);
    group.set("input_activations", inputs);
    return group.putNull("output_activations");
  }

  private static ObjectNode arguments(int bits, String type, String strategy, boolean dynamic) {
    ObjectNode arguments = JsonNodeFactory.instance.objectNode();
    arguments.put("num_bits", bits).put("type", type).put("strategy", strategy);
    arguments.put("symmetric", true).put("dynamic", dynamic).putNull("group_size");
    return arguments.putNull("block_structure").putNull("actorder");
  }
}
