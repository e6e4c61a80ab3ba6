package dev.kvasir.runtime.tokenizer;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Loads Hugging Face's tokenizers library. DJL's own loader would look for CUDA, unpack 15 MB into
 * the home directory at the first start and might download; the build has put the file beside the
 * jar, so loading takes milliseconds and a read-only file system is no matter.
 */
final class NativeLibrary {
  private NativeLibrary() {}

  /** Does nothing where it is loaded already. */
  @SuppressWarnings("restricted")
  static void load() {
    System.load(file().toString());
  }

  private static Path file() {
    String system = System.getProperty("os.name").startsWith("Mac") ? "osx" : "linux";
    String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    String name = system.equals("osx") ? "libtokenizers.dylib" : "libtokenizers.so";
    Path within = Path.of("native", "lib", system + "-" + machine, "cpu", name);
    Path beside = besideTheCode();
    for (Path folder : List.of(beside, beside.resolve("lib"))) {
      Path file = folder.resolve(within);
      if (Files.isRegularFile(file)) {
        return file.toAbsolutePath();
      }
    }
    throw new UnsatisfiedLinkError(
        String.format(
            Locale.ROOT,
            "the tokenizers library for %s-%s is neither at %s nor in lib/ there: build with"
                + " './mvnw -pl node-runtime -am package'",
            system,
            machine,
            beside.resolve(within)));
  }

  private static Path besideTheCode() {
    try {
      Path code =
          Path.of(NativeLibrary.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return code.toRealPath().getParent();
    } catch (URISyntaxException | IOException e) {
      throw new IllegalStateException("can't find out where the program lies", e);
    }
  }
}
