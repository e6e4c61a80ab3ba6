package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.model.LinearStage;
import dev.kvasir.runtime.model.ModelSource;
import dev.kvasir.runtime.model.Safetensors;
import dev.kvasir.runtime.model.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Makes a quantized checkpoint out of a plain one. */
public final class Quantizer {
  private static final int LEAST_GROUP_SIZE = 8;

  private final QuantizeOptions options;
  private final Consumer<String> progress;
  private final List<LinearStage> stages;
  private final int context;
  private final Map<String, Safetensors.Tensor> tensors;
  private final Map<String, PlainTensor> plain = new HashMap<>();
  private final Set<String> linears = new TreeSet<>();

  private Quantizer(
      QuantizeOptions options,
      Consumer<String> progress,
      ModelSource source,
      Map<String, Safetensors.Tensor> tensors) {
    this.options = options;
    this.progress = progress;
    this.stages = source.linearStages();
    this.context = source.summary().maxPositionEmbeddings();
    this.tensors = tensors;
    stages.forEach(stage -> linears.addAll(stage.linears()));
    tensors.forEach((name, tensor) ->
        Tensors.elementType(tensor.dtype())
            .ifPresent(type -> plain.put(name, PlainTensor.of(type, tensor))));
  }

  /** What was written. */
  public record Result(long sourceBytes, long targetBytes) {}

  /**
   * Reads, rounds and writes.
   *
   * @param progress hears a line now and then
   * @throws StartupException where the model or an option does not go
   */
  public static Result run(QuantizeOptions options, Consumer<String> progress) throws IOException {
    return run(options, progress, options.scheme() == Scheme.AWQ);
  }

  static Result run(QuantizeOptions options, Consumer<String> progress, boolean calibrated)
      throws IOException {
    TargetDirectory target = TargetDirectory.create(options.target());
    try (ModelSource source = ModelSource.open(EngineOptions.defaults(options.model()));
        Arena arena = Arena.ofShared()) {
      if (source.isQuantized()) {
        throw new StartupException(
            "%s is quantized already: %s"
                .formatted(options.model(), source.summary().weightType()));
      }
      Tensors tensors = Tensors.open(options.model(), arena);
      Quantizer quantizer = new Quantizer(options, progress, source, tensors.byName());
      Result result = quantizer.run(target.partial(), calibrated);
      target.finish();
      return result;
    } finally {
      target.discard();
    }
  }

  private Result run(Path directory, boolean calibrated) throws IOException {
    WeightLayout layout = layout();
    requireThatItGoes(layout);
    Folding folding = calibrated ? folding(layout.rounding().orElseThrow()) : new Folding();
    List<OutputItem> items = items(layout, folding);
    new CheckpointFiles(options.model(), directory).write(layout.config());
    long[] done = {0, 0};
    long layers = linears.size();
    new ShardWriter(
            directory,
            options.shardBytes(),
            item -> {
              done[0] += item.bytes();
              if (item.tensors().size() > 1 && ++done[1] % Math.ceilDiv(layers, 10) == 0) {
                progress.accept("rounded %d of %d layers".formatted(done[1], layers));
              }
            })
        .write(items);
    long before = tensors.values().stream().mapToLong(t -> t.data().byteSize()).sum();
    return new Result(before, done[0]);
  }

  private WeightLayout layout() {
    if (options.scheme() != Scheme.AWQ) {
      return new ChannelLayout(options.scheme(), scaleType());
    }
    int groupSize = options.groupSize().orElseGet(this::groupSize);
    return options.format() == Format.AWQ
        ? new AwqLayout(groupSize)
        : new PackedLayout(groupSize, scaleType());
  }

  /** The usual size, halved until it divides the inputs of all layers. */
  private int groupSize() {
    int size = QuantizeOptions.DEFAULT_GROUP_SIZE;
    for (String name : linears) {
      while (size > LEAST_GROUP_SIZE && linear(name).rows().columns() % size != 0) {
        size /= 2;
      }
    }
    if (size < QuantizeOptions.DEFAULT_GROUP_SIZE) {
      progress.accept(
          "groups of %d inputs, since %d do not divide those of all layers"
              .formatted(size, QuantizeOptions.DEFAULT_GROUP_SIZE));
    }
    return size;
  }

  /** Scales are stored as the weights were. */
  private ElementType scaleType() {
    return linear(linears.iterator().next()).elements().type();
  }

  private PlainTensor linear(String name) {
    PlainTensor tensor = plain.get(name + ".weight");
    if (tensor == null || tensor.shape().length != 2) {
      throw new StartupException(
          "%s: tensor '%s.weight' is no plain matrix".formatted(options.model(), name));
    }
    return tensor;
  }

  private void requireThatItGoes(WeightLayout layout) {
    for (String name : linears) {
      WeightRows weight = linear(name).rows();
      String objection = layout.objection(weight.rows(), weight.columns());
      if (objection != null) {
        throw new StartupException(
            "--scheme %s: layer '%s' cannot be stored: %s"
                .formatted(
                    options.scheme().name().toLowerCase(java.util.Locale.ROOT), name, objection));
      }
    }
  }

  private Folding folding(GroupRounding rounding) throws IOException {
    progress.accept(
        "calibrating with " + options.calibration().map(Path::toString).orElse("our own text"));
    List<StageInputs> inputs =
        Calibration.run(options.model(), options.calibration(), stages.size(), context);
    int[] found = {0};
    return new ActivationAwareness(plain, rounding)
        .find(
            stages,
            inputs,
            stage -> {
              if (++found[0] % Math.ceilDiv(stages.size(), 10) == 0) {
                progress.accept(
                    "found the scales of %d of %d inputs".formatted(found[0], stages.size()));
              }
            });
  }

  private List<OutputItem> items(WeightLayout layout, Folding folding) {
    List<OutputItem> items = new ArrayList<>();
    Map<String, Safetensors.Tensor> ordered = new LinkedHashMap<>(tensors);
    ordered.forEach((name, tensor) -> {
      String layer = name.substring(0, Math.max(0, name.lastIndexOf('.')));
      if (linears.contains(layer) && name.endsWith(".weight")) {
        items.add(quantized(layer, layout, folding));
      } else {
        items.add(copy(name, tensor, changed(name, layer, folding)));
      }
    });
    return items;
  }

  private OutputItem quantized(String layer, WeightLayout layout, Folding folding) {
    WeightRows weight = folding.apply(layer, linear(layer).rows());
    return new OutputItem(
        layout.tensors(layer, weight.rows(), weight.columns()),
        segments -> layout.write(weight, folding.importance(layer), segments));
  }

  /** A norm or bias that has taken up scales; empty where a tensor stays as it is. */
  private Optional<float[]> changed(String name, String layer, Folding folding) {
    float[] norm = folding.norm(name);
    float[] divisors = name.endsWith(".bias") ? folding.rows(layer) : null;
    if (divisors == null) {
      return Optional.ofNullable(norm);
    }
    float[] bias = plain.get(name).vector();
    for (int i = 0; i < bias.length; i++) {
      bias[i] /= divisors[i];
    }
    return Optional.of(bias);
  }

  private OutputItem copy(String name, Safetensors.Tensor tensor, Optional<float[]> changed) {
    OutputTensor output = OutputTensor.like(name, tensor);
    return new OutputItem(
        List.of(output),
        segments -> {
          MemorySegment to = segments.getFirst();
          if (changed.isEmpty()) {
            to.copyFrom(tensor.data());
            return;
          }
          Elements elements = plain.get(name).elements();
          for (int i = 0; i < changed.get().length; i++) {
            elements.set(to, i, changed.get()[i]);
          }
        });
  }
}
