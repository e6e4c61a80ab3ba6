package dev.kvasir.runtime.device.cuda;

import java.util.List;
import java.util.stream.Stream;

/**
 * A kernel's name and parameters, as its .cu file declares them; a test holds the two against each
 * other.
 *
 * @param file under src/main/cuda, without .cu
 * @param entry the kernel's name, or what its variants' names begin with
 * @param early whether it may start while the kernel before it ends, because it waits itself
 */
record KernelSignature(String file, String entry, List<Parameter> parameters, boolean early) {

  /** What a parameter is to the launcher. */
  enum Type {
    POINTER(8),
    LONG(8),
    INT(4),
    FLOAT(4);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  record Parameter(String name, Type type) {}

  /**
   * @param parameters each {@code name*} for a pointer, {@code name} for an int, {@code name.f} for
   *     a float, {@code name.l} for a long
   */
  static KernelSignature of(String file, String entry, String parameters) {
    return new KernelSignature(
        file,
        entry,
        Stream.of(parameters.split("\\s+")).map(KernelSignature::parameter).toList(),
        false);
  }

  /** For a kernel that begins with await_previous. */
  KernelSignature startingEarly() {
    return new KernelSignature(file, entry, parameters, true);
  }

  private static Parameter parameter(String text) {
    if (text.endsWith("*")) {
      return new Parameter(text.substring(0, text.length() - 1), Type.POINTER);
    }
    if (text.endsWith(".f")) {
      return new Parameter(text.substring(0, text.length() - 2), Type.FLOAT);
    }
    if (text.endsWith(".l")) {
      return new Parameter(text.substring(0, text.length() - 2), Type.LONG);
    }
    return new Parameter(text, Type.INT);
  }

  /** The signature of one of its variants. */
  String variant(String suffix) {
    return entry + "_" + suffix;
  }
}
