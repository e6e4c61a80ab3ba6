package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Rope;
import dev.kvasir.runtime.engine.StartupException;

/** A rotary embedding as config.json describes it. */
sealed interface RopeConfig {

  /** Rotation frequencies of the dimension pairs of a head. */
  Rope rope(int headDim);

  /** No scaling. */
  record Default(double theta) implements RopeConfig {
    @Override
    public Rope rope(int headDim) {
      return new Rope(frequencies(theta, headDim));
    }
  }

  /** Positions are divided by a factor. */
  record Linear(double theta, double factor) implements RopeConfig {
    @Override
    public Rope rope(int headDim) {
      float[] frequencies = frequencies(theta, headDim);
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] /= (float) factor;
      }
      return new Rope(frequencies);
    }
  }

  /** Llama 3.1: slow rotations are slowed further, fast ones kept, those between blended. */
  record Llama3(
      double theta, double factor, double lowFactor, double highFactor, double originalLength)
      implements RopeConfig {
    @Override
    public Rope rope(int headDim) {
      float[] frequencies = frequencies(theta, headDim);
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = scaled(frequencies[i]);
      }
      return new Rope(frequencies);
    }

    private float scaled(float frequency) {
      double wavelength = 2 * Math.PI / frequency;
      if (wavelength < originalLength / highFactor) {
        return frequency;
      }
      if (wavelength > originalLength / lowFactor) {
        return (float) (frequency / factor);
      }
      double smooth = (originalLength / wavelength - lowFactor) / (highFactor - lowFactor);
      return (float) ((1 - smooth) * frequency / factor + smooth * frequency);
    }
  }

  private static float[] frequencies(double theta, int headDim) {
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = 2f * i / headDim;
      frequencies[i] = (float) (1 / Math.pow(theta, exponent));
    }
    return frequencies;
  }

  /** Reads the spelling of transformers 5 ({@code rope_parameters}) or the older one. */
  static RopeConfig read(JsonFields config) {
    if (config.has("rope_parameters")) {
      JsonFields parameters = config.object("rope_parameters");
      return read(parameters, parameters.number("rope_theta", 10_000));
    }
    double theta = config.number("rope_theta", 10_000);
    return config.has("rope_scaling")
        ? read(config.object("rope_scaling"), theta)
        : new Default(theta);
  }

  private static RopeConfig read(JsonFields parameters, double theta) {
    String type = parameters.text("rope_type", parameters.text("type", "default"));
    if (parameters.number("partial_rotary_factor", 1) != 1) {
      throw new StartupException(
          parameters.file() + ": partial_rotary_factor is not supported, only whole heads are");
    }
    return switch (type) {
      case "default" -> new Default(theta);
      case "linear" -> new Linear(theta, parameters.number("factor"));
      case "llama3" ->
          new Llama3(
              theta,
              parameters.number("factor"),
              parameters.number("low_freq_factor"),
              parameters.number("high_freq_factor"),
              parameters.number("original_max_position_embeddings"));
      default ->
          throw new StartupException(
              "%s: rope type '%s' is not supported; default, linear and llama3 are"
                  .formatted(parameters.file(), type));
    };
  }
}
