package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tensors of a directory's safetensors files, one or several with an index; remembers which
 * were asked for.
 */
public final class Tensors {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Path directory;
  private final Map<String, Safetensors.Tensor> tensors;
  private final Set<String> used = new HashSet<>();

  private Tensors(Path directory, Map<String, Safetensors.Tensor> tensors) {
    this.directory = directory;
    this.tensors = tensors;
  }

  public static Tensors open(Path directory, Arena arena) {
    Path single = directory.resolve(SINGLE);
    if (Files.isRegularFile(single)) {
      return new Tensors(directory, Safetensors.open(single, arena).tensors());
    }
    Path index = directory.resolve(INDEX);
    if (Files.isRegularFile(index)) {
      return new Tensors(directory, sharded(directory, index, arena));
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

  boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** Whether a tensor is there and of this type. */
  boolean has(String name, String dtype) {
    return has(name) && tensors.get(name).dtype().equals(dtype);
  }

  /** Whether a tensor is there and holds plain floating-point elements. */
  boolean hasPlain(String name) {
    return has(name) && elementType(tensors.get(name).dtype()).isPresent();
  }

  /** By name, in the order of the files. */
  public Map<String, Safetensors.Tensor> byName() {
    return Collections.unmodifiableMap(tensors);
  }

  Collection<Safetensors.Tensor> all() {
    return tensors.values();
  }

  /** A tensor that must be there, in whatever shape. */
  Safetensors.Tensor any(String name) {
    Safetensors.Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new StartupException(
          "%s: tensor '%s' is missing from the checkpoint".formatted(directory, name));
    }
    used.add(name);
    return tensor;
  }

  /** A tensor that must be there and have this shape. */
  Safetensors.Tensor get(String name, long... shape) {
    if (!has(name)) {
      throw new StartupException(
          "%s: tensor '%s' of shape %s is missing from the checkpoint"
              .formatted(directory, name, Arrays.toString(shape)));
    }
    Safetensors.Tensor tensor = any(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      throw new StartupException(
          "%s: tensor '%s' has shape %s, config.json asks for %s"
              .formatted(
                  tensor.file(), name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
    }
    return tensor;
  }

  /** The bytes of a tensor that must be there with this type and shape. */
  MemorySegment data(String name, String dtype, long... shape) {
    Safetensors.Tensor tensor = get(name, shape);
    if (!tensor.dtype().equals(dtype)) {
      throw new StartupException(
          "%s: tensor '%s' is %s, its format wants %s"
              .formatted(tensor.file(), name, tensor.dtype(), dtype));
    }
    return tensor.data();
  }

  /** The elements of a floating-point tensor. */
  float[] floats(String name, long... shape) {
    Safetensors.Tensor tensor = get(name, shape);
    ElementType type = elementType(name, tensor);
    float[] values = new float[Math.toIntExact(tensor.data().byteSize() / type.bytes())];
    for (int i = 0; i < values.length; i++) {
      values[i] = element(type, tensor.data(), i);
    }
    return values;
  }

  /** The one element of a floating-point tensor, whatever its rank. */
  float scalar(String name) {
    Safetensors.Tensor tensor = any(name);
    ElementType type = elementType(name, tensor);
    if (tensor.data().byteSize() != type.bytes()) {
      throw new StartupException(
          "%s: tensor '%s' has shape %s; one element is wanted"
              .formatted(tensor.file(), name, Arrays.toString(tensor.shape())));
    }
    return element(type, tensor.data(), 0);
  }

  private static float element(ElementType type, MemorySegment data, int i) {
    return switch (type) {
      case F32 -> data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
      case F16 -> Float.float16ToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
      case BF16 -> Float.intBitsToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) << 16);
    };
  }

  /** The elements of a tensor of small whole numbers. */
  int[] ints(String name, long... shape) {
    Safetensors.Tensor tensor = get(name, shape);
    MemorySegment data = tensor.data();
    return switch (tensor.dtype()) {
      case "I8" -> {
        int[] values = new int[Math.toIntExact(data.byteSize())];
        Arrays.setAll(values, i -> data.get(ValueLayout.JAVA_BYTE, i));
        yield values;
      }
      case "I32" -> data.toArray(ValueLayout.JAVA_INT_UNALIGNED);
      case "I64" ->
          Arrays.stream(data.toArray(ValueLayout.JAVA_LONG_UNALIGNED))
              .mapToInt(value -> Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE))
              .toArray();
      default ->
          throw new StartupException(
              "%s: tensor '%s' is %s; I8, I32 or I64 is wanted"
                  .formatted(tensor.file(), name, tensor.dtype()));
    };
  }

  static ElementType elementType(String name, Safetensors.Tensor tensor) {
    return elementType(tensor.dtype())
        .orElseThrow(() ->
            new StartupException(
                "%s: tensor '%s' is %s; where the quantization config does not say that it is quantized, only F32, F16 and BF16 are read"
                    .formatted(tensor.file(), name, tensor.dtype())));
  }

  /** Empty where a tensor of this type holds no plain floating-point elements. */
  public static Optional<ElementType> elementType(String dtype) {
    return Arrays.stream(ElementType.values())
        .filter(type -> type.name().equals(dtype))
        .findFirst();
  }

  /** Takes note that a tensor, if it is there, is no leftover. */
  void ignore(String name) {
    used.add(name);
  }

  /** Tensors that nobody has asked for. */
  Set<String> unused() {
    Set<String> names = new TreeSet<>(tensors.keySet());
    names.removeAll(used);
    return Collections.unmodifiableSet(names);
  }

  /** Whether every byte of a tensor is zero. */
  boolean isZero(String name) {
    MemorySegment data = tensors.get(name).data();
    for (long i = 0; i < data.byteSize(); i++) {
      if (data.get(ValueLayout.JAVA_BYTE, i) != 0) {
        return false;
      }
    }
    return true;
  }
}
