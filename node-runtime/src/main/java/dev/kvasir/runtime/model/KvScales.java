package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.engine.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** Reads what a checkpoint scales its keys and values with, in the spellings that there are. */
record KvScales(Checkpoint checkpoint, int layers) {
  private static final System.Logger LOG = System.getLogger(KvScales.class.getName());

  private static final List<String> KEY =
      List.of(
          "k_scale",
          "k_proj.k_scale",
          "attn.k_scale",
          "qkv_proj.k_scale",
          "k_proj.output_scale",
          "kv_scale");

  private static final List<String> VALUE =
      List.of(
          "v_scale",
          "v_proj.v_scale",
          "attn.v_scale",
          "qkv_proj.v_scale",
          "v_proj.output_scale",
          "kv_scale");

  /** One per layer; 1 where there is none, with a warning if anyone needs it. */
  List<KvScale> read(boolean needed) {
    List<KvScale> scales = new ArrayList<>();
    List<Integer> missing = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".self_attn.";
      OptionalDouble key = first(prefix, KEY);
      OptionalDouble value = first(prefix, VALUE);
      if (key.isEmpty() || value.isEmpty()) {
        missing.add(layer);
      }
      scales.add(new KvScale((float) key.orElse(1), (float) value.orElse(1)));
    }
    if (needed && !missing.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "--kv-cache-dtype fp8: the checkpoint has no k_scale or v_scale for {0} of {1} layers; 1.0 is used, which may cost accuracy",
          missing.size(),
          layers);
    }
    return scales;
  }

  private OptionalDouble first(String prefix, List<String> names) {
    OptionalDouble found = OptionalDouble.empty();
    for (String name : names) {
      // All are asked for, so that none counts as a leftover.
      OptionalDouble scale = checkpoint.scalar(prefix + name);
      scale.ifPresent(value -> requirePositive(prefix + name, value));
      found = found.isPresent() ? found : scale;
    }
    return found;
  }

  private static void requirePositive(String name, double scale) {
    if (!(scale > 0 && scale < Float.POSITIVE_INFINITY)) {
      throw new StartupException(
          "tensor '%s' is %s; a scale must be a positive number".formatted(name, scale));
    }
  }
}
