package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of a directory's safetensors files, one or several with an index. */
final class SafetensorsCheckpoint implements Checkpoint {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path directory;
  private final Map<String, Safetensors.Tensor> tensors;
  private final Set<String> used = new HashSet<>();

  private SafetensorsCheckpoint(Path directory, Map<String, Safetensors.Tensor> tensors) {
    this.directory = directory;
    this.tensors = tensors;
  }

  static SafetensorsCheckpoint open(Path directory, Arena arena) {
    Path single = directory.resolve(SINGLE);
    if (Files.isRegularFile(single)) {
      return new SafetensorsCheckpoint(directory, Safetensors.open(single, arena).tensors());
    }
    Path index = directory.resolve(INDEX);
    if (Files.isRegularFile(index)) {
      return new SafetensorsCheckpoint(directory, sharded(directory, index, arena));
    }
    throw new StartupException(
        "%s: neither %s nor %s is there; weights in other formats are not read"
            .formatted(directory, SINGLE, INDEX));
  }

  private static Map<String, Safetensors.Tensor> sharded(Path directory, Path index, Arena arena) {
    Map<String, String> places = SafetensorsIndex.read(index);
    Map<String, Safetensors> shards = new LinkedHashMap<>();
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    places.forEach((tensor, shard) -> {
      Safetensors file =
          shards.computeIfAbsent(shard, name -> Safetensors.open(directory.resolve(name), arena));
      Safetensors.Tensor found = file.tensors().get(tensor);
      if (found == null) {
        throw new StartupException(
            "%s: weight_map places tensor '%s' in %s, which does not hold it"
                .formatted(index, tensor, shard));
      }
      tensors.put(tensor, found);
    });
    return tensors;
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    Safetensors.Tensor tensor = tensor(name, rows, columns);
    return new HostWeight.Dense(elementType(name, tensor), rows, columns, tensor.data());
  }

  @Override
  public float[] vector(String name, int length) {
    Safetensors.Tensor tensor = tensor(name, length);
    ElementType type = elementType(name, tensor);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = element(type, tensor.data(), i);
    }
    return values;
  }

  private static float element(ElementType type, MemorySegment data, int i) {
    return switch (type) {
      case F32 -> data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
      case F16 -> Float.float16ToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
      case BF16 -> Float.intBitsToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) << 16);
    };
  }

  private Safetensors.Tensor tensor(String name, long... shape) {
    Safetensors.Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new StartupException(
          "%s: tensor '%s' of shape %s is missing from the checkpoint"
              .formatted(directory, name, Arrays.toString(shape)));
    }
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new StartupException(
          "%s: tensor '%s' has shape %s, config.json asks for %s"
              .formatted(
                  tensor.file(), name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    used.add(name);
    return tensor;
  }

  private static ElementType elementType(String name, Safetensors.Tensor tensor) {
    return elementType(tensor.dtype())
        .orElseThrow(() ->
            new StartupException(
                "%s: tensor '%s' is %s; only F32, F16 and BF16 weights are supported yet"
                    .formatted(tensor.file(), name, tensor.dtype())));
  }

  private static Optional<ElementType> elementType(String dtype) {
    return Arrays.stream(ElementType.values())
        .filter(type -> type.name().equals(dtype))
        .findFirst();
  }

  @Override
  public ElementType type() {
    Map<String, Long> bytes = new HashMap<>();
    tensors.values().forEach(t -> bytes.merge(t.dtype(), t.data().byteSize(), Long::sum));
    String most = Collections.max(bytes.entrySet(), Map.Entry.comparingByValue()).getKey();
    return elementType(most).orElse(ElementType.F32);
  }

  @Override
  public long bytes() {
    return tensors.values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
  }

  /** Leaves out buffers that older checkpoints carry. */
  @Override
  public Set<String> unused() {
    Set<String> names = new TreeSet<>(tensors.keySet());
    names.removeAll(used);
    names.removeIf(name -> name.contains(".rotary_emb."));
    return names;
  }
}
