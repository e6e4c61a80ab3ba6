package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.ArrayList;
import java.util.List;

/** Reads which layers see only a window of positions. */
record LayerWindows(JsonFields config, Family family, int layers) {
  private static final String WINDOWED = "sliding_attention";
  private static final String FULL = "full_attention";

  /** One flag a layer. */
  List<Boolean> windowed() {
    List<Boolean> byRule = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      byRule.add(windowedByRule(layer));
    }
    if (!config.has("layer_types")) {
      return byRule;
    }
    List<Boolean> listed = listed();
    boolean fixed =
        family.windows() == Family.Windows.NEVER || family.windows() == Family.Windows.ALWAYS;
    if (fixed && !listed.equals(byRule)) {
      throw new StartupException(
          "%s: layer_types differ from what sliding_window says of every layer of a %s"
              .formatted(config.file(), family.architecture()));
    }
    return listed;
  }

  /** The window of the layers that have one. */
  int window() {
    if (family.windows() == Family.Windows.UPPER_LAYERS
        && !config.flag("use_sliding_window", false)) {
      throw new StartupException(
          "%s: layer_types name %s, but use_sliding_window is not true"
              .formatted(config.file(), WINDOWED));
    }
    return config.positive("sliding_window");
  }

  private boolean windowedByRule(int layer) {
    return switch (family.windows()) {
      case NEVER -> {
        if (config.has("sliding_window")) {
          throw new StartupException(
              "%s: sliding_window is not supported in a %s"
                  .formatted(config.file(), family.architecture()));
        }
        yield false;
      }
      case ALWAYS -> config.has("sliding_window");
      case UPPER_LAYERS ->
          config.flag("use_sliding_window", false)
              && config.has("sliding_window")
              && layer >= config.natural("max_window_layers");
      case EVERY_OTHER_LAYER -> layer % 2 == 0;
      case ALL_BUT_EVERY_NTH -> (layer + 1) % config.positive("sliding_window_pattern") != 0;
    };
  }

  private List<Boolean> listed() {
    List<String> types = config.strings("layer_types");
    if (types.size() != layers) {
      throw config.wrong("layer_types", "a list of num_hidden_layers = " + layers);
    }
    for (String type : types) {
      if (!type.equals(WINDOWED) && !type.equals(FULL)) {
        throw new StartupException(
            "%s: layer_types: '%s' is not supported; %s and %s are"
                .formatted(config.file(), type, FULL, WINDOWED));
      }
    }
    return types.stream().map(WINDOWED::equals).toList();
  }
}
