package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.device.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** compressed-tensors with a byte for each weight and a scale for each row. */
final class ChannelLayout implements WeightLayout {
  private final Scheme scheme;
  private final Elements scaleType;

  /**
   * @param scheme INT8 or FP8
   */
  ChannelLayout(Scheme scheme, ElementType scaleType) {
    this.scheme = scheme;
    this.scaleType = new Elements(scaleType);
  }

  @Override
  public List<OutputTensor> tensors(String layer, int rows, int columns) {
    ElementType type = scaleType.type();
    String dtype = scheme == Scheme.INT8 ? "I8" : "F8_E4M3";
    return List.of(
        OutputTensor.of(layer + ".weight", dtype, 1, rows, columns),
        OutputTensor.of(layer + ".weight_scale", type, rows, 1));
  }

  @Override
  public void write(WeightRows weight, float[] importance, List<MemorySegment> to) {
    IntStream.range(0, weight.rows())
        .parallel()
        .forEach(n -> {
          float[] row = new float[weight.columns()];
          weight.read(n, row);
          float scale = scale(row);
          scaleType.set(to.get(1), n, scale);
          long at = (long) n * row.length;
          for (int k = 0; k < row.length; k++) {
            to.get(0).set(ValueLayout.JAVA_BYTE, at + k, step(row[k] / scale));
          }
        });
  }

  private float scale(float[] row) {
    float most = 0;
    for (float value : row) {
      most = Math.max(most, Math.abs(value));
    }
    float scale = scaleType.round(most / (scheme == Scheme.INT8 ? 127 : Float8.MOST));
    return scale == 0 ? 1 : scale;
  }

  private byte step(float value) {
    return scheme == Scheme.INT8
        ? (byte) Math.clamp((int) Math.rint(value), -127, 127)
        : Float8.of(value);
  }

  @Override
  public Optional<GroupRounding> rounding() {
    return Optional.empty();
  }

  @Override
  public ObjectNode config() {
    return scheme == Scheme.INT8
        ? CompressedTensorsConfig.of("int-quantized", CompressedTensorsConfig.channels("int"))
        : CompressedTensorsConfig.of("float-quantized", CompressedTensorsConfig.channels("float"));
  }

  @Override
  public String objection(int rows, int columns) {
    return null;
  }
}
