package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.List;
import java.util.Set;

/**
 * Reads rotary embeddings in the spelling of transformers 5 ({@code rope_parameters}) and in the
 * older one ({@code rope_theta}, {@code rope_scaling}). What a kind leaves out has transformers'
 * defaults.
 */
record RopeReader(JsonFields config, Family family, int headDim, int maxPositions) {
  private static final double THETA = 10_000;

  /** Those of all kinds: some kinds are written with others' fields, which mean nothing then. */
  private static final Set<String> KNOWN =
      Set.of(
          "rope_type",
          "type",
          "rope_theta",
          "partial_rotary_factor",
          "factor",
          "original_max_position_embeddings",
          "attention_factor",
          "beta_fast",
          "beta_slow",
          "mscale",
          "mscale_all_dim",
          "truncate",
          "short_factor",
          "long_factor",
          "low_freq_factor",
          "high_freq_factor",
          "finetuned");

  /** The embedding of layers without a window. */
  RopeConfig full() {
    boolean perType = family.has(Family.Trait.ROPE_PER_LAYER_TYPE);
    return perType && config.has("rope_parameters") && !config.has("rope_scaling")
        ? ofLayers("full_attention")
        : flat();
  }

  /** The embedding of layers with a window. */
  RopeConfig windowed() {
    if (!family.has(Family.Trait.ROPE_PER_LAYER_TYPE)) {
      return full();
    }
    return config.has("rope_parameters")
        ? ofLayers("sliding_attention")
        : new RopeConfig.Default(config.number("rope_local_base_freq"));
  }

  private RopeConfig ofLayers(String type) {
    JsonFields perType = config.object("rope_parameters");
    if (!perType.has("full_attention") && !perType.has("sliding_attention")) {
      throw config.wrong("rope_parameters", "an object with full_attention and sliding_attention");
    }
    String theta = type.equals("full_attention") ? "rope_theta" : "rope_local_base_freq";
    return perType.has(type)
        ? read(perType.object(type), config.number(theta))
        : new RopeConfig.Default(config.number(theta));
  }

  private RopeConfig flat() {
    double theta = config.number("rope_theta", THETA);
    for (String field : List.of("rope_scaling", "rope_parameters")) {
      if (config.has(field) && !config.object(field).names().isEmpty()) {
        return read(config.object(field), theta);
      }
    }
    return new RopeConfig.Default(theta);
  }

  private RopeConfig read(JsonFields rope, double outerTheta) {
    rope.refuseUnknown(KNOWN);
    requirePart(rope.number("partial_rotary_factor", 1));
    double theta = rope.number("rope_theta", outerTheta);
    String type = type(rope);
    return switch (type) {
      case "default" -> new RopeConfig.Default(theta);
      case "linear" -> new RopeConfig.Linear(theta, factor(rope));
      case "dynamic" -> new RopeConfig.Dynamic(theta, factor(rope), maxPositions);
      case "llama3" ->
          new RopeConfig.Llama3(
              theta,
              factor(rope),
              rope.number("low_freq_factor"),
              rope.number("high_freq_factor"),
              originalLength(rope));
      case "longrope" -> longRope(rope, theta);
      case "yarn" -> yarn(rope, theta);
      default ->
          throw new StartupException(
              "%s: rope type '%s' is not supported; default, linear, dynamic, llama3, yarn and longrope are"
                  .formatted(rope.file(), type));
    };
  }

  /** Phi-3's first checkpoints call longrope by other names. */
  private String type(JsonFields rope) {
    String type = rope.text("rope_type", rope.text("type", "default"));
    boolean phi = family.has(Family.Trait.LONGROPE_STARTS_ANEW);
    return phi && (type.equals("su") || type.equals("yarn")) ? "longrope" : type;
  }

  private static double factor(JsonFields rope) {
    double factor = rope.number("factor");
    if (factor < 1) {
      throw rope.wrong("factor", "a number of at least 1");
    }
    return factor;
  }

  private double factorOrRatio(JsonFields rope, int originalLength) {
    return rope.number("factor", (double) maxPositions / originalLength);
  }

  private int originalLength(JsonFields rope) {
    String field = "original_max_position_embeddings";
    return config.has(field) ? config.positive(field) : rope.positive(field, maxPositions);
  }

  private RopeConfig yarn(JsonFields rope, double theta) {
    int original = originalLength(rope);
    double factor = factorOrRatio(rope, original);
    double mscale = rope.number("mscale", 0);
    double mscaleAllDim = rope.number("mscale_all_dim", 0);
    double suggested =
        mscale != 0 && mscaleAllDim != 0
            ? magnitude(factor, mscale) / magnitude(factor, mscaleAllDim)
            : magnitude(factor, 1);
    return new RopeConfig.Yarn(
        theta,
        factor,
        original,
        rope.number("beta_fast", 32),
        rope.number("beta_slow", 1),
        rope.flag("truncate", true),
        rope.number("attention_factor", suggested));
  }

  private static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private RopeConfig longRope(JsonFields rope, double theta) {
    int original = originalLength(rope);
    double factor = factorOrRatio(rope, original);
    double suggested = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    int frequencies = Math.ceilDiv(dimensions(), 2);
    return new RopeConfig.LongRope(
        theta,
        rope.numbers("short_factor", frequencies),
        rope.numbers("long_factor", frequencies),
        original,
        rope.number("attention_factor", suggested),
        family.has(Family.Trait.LONGROPE_STARTS_ANEW));
  }

  /** How many dimensions of a head turn. */
  int dimensions() {
    double part = partOfHead();
    if (part == 1) {
      return headDim;
    }
    requirePart(part);
    return (int) (headDim * part);
  }

  private void requirePart(double part) {
    boolean possible = part > 0 && part < 1 && headDim * part >= 2;
    if (part != 1 && !(family.has(Family.Trait.PARTIAL_ROTARY) && possible)) {
      throw new StartupException(
          "%s: partial_rotary_factor %s is not supported for heads of %d in a %s"
              .formatted(config.file(), part, headDim, family.architecture()));
    }
  }

  private double partOfHead() {
    String field = "partial_rotary_factor";
    double outer = config.number(field, 1);
    for (String place : List.of("rope_scaling", "rope_parameters")) {
      if (config.has(place) && config.object(place).has(field)) {
        return config.object(place).number(field);
      }
    }
    return outer;
  }
}
