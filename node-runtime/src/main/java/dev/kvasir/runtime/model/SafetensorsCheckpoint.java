package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/** A checkpoint on disk: its tensors, and how its linear layers are quantized. */
final class SafetensorsCheckpoint implements Checkpoint {
  private final Tensors tensors;
  private final Quantization quantization;

  private SafetensorsCheckpoint(Tensors tensors, Quantization quantization) {
    this.tensors = tensors;
    this.quantization = quantization;
  }

  static SafetensorsCheckpoint open(Path directory, Quantization quantization, Arena arena) {
    return new SafetensorsCheckpoint(Tensors.open(directory, arena), quantization);
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    Safetensors.Tensor tensor = tensors.get(name, rows, columns);
    return new HostWeight.Dense(Tensors.elementType(name, tensor), rows, columns, tensor.data());
  }

  @Override
  public Linear linear(String name, int rows, int columns, boolean biased, Arena scratch) {
    StoredForm form = quantization.form(name);
    if (!form.isIn(tensors, name) && tensors.hasPlain(name + ".weight")) {
      form = new PlainForm();
    }
    Linear weight = form.read(tensors, name, rows, columns, scratch);
    return new Linear(
        weight.weight(), bias(biased, name + ".bias", rows), weight.inputPermutation());
  }

  @Override
  public float[] vector(String name, int length) {
    return tensors.floats(name, length);
  }

  /** Of what is not quantized. */
  @Override
  public OptionalDouble scalar(String name) {
    return tensors.has(name) ? OptionalDouble.of(tensors.scalar(name)) : OptionalDouble.empty();
  }

  @Override
  public ElementType type() {
    Map<ElementType, Long> bytes = new EnumMap<>(ElementType.class);
    for (Safetensors.Tensor tensor : tensors.all()) {
      Tensors.elementType(tensor.dtype())
          .ifPresent(type -> bytes.merge(type, tensor.data().byteSize(), Long::sum));
    }
    return bytes.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(ElementType.F32);
  }

  @Override
  public long bytes() {
    return tensors.all().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
  }

  /** Leaves out buffers that older checkpoints carry, and the empty biases of some quantizers. */
  @Override
  public Set<String> unused() {
    Set<String> names = new TreeSet<>(tensors.unused());
    names.removeIf(name -> name.contains(".rotary_emb."));
    names.removeIf(name -> name.endsWith(".bias") && tensors.isZero(name));
    return names;
  }
}
