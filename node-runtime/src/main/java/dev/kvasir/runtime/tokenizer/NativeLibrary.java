package dev.kvasir.runtime.tokenizer;

import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
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
    List<Path> folders = folders();
    for (Path folder : folders) {
      Path file = folder.resolve(within);
      if (Files.isRegularFile(file)) {
        return file.toAbsolutePath();
      }
    }
    throw new UnsatisfiedLinkError(
        String.format(
            Locale.ROOT,
            "the tokenizers library for %s-%s, %s, is in none of %s: build with"
                + " './mvnw -pl node-runtime -am package'",
            system,
            machine,
            within,
            folders));
  }

  /** Where the program's start says that libraries are, then lib/ beside the code. */
  private static List<Path> folders() {
    List<Path> folders = new ArrayList<>();
    for (String folder :
        System.getProperty("java.library.path", "").split(File.pathSeparator, -1)) {
      folders.add(Path.of(folder));
    }
    // Without a source when it comes from a start-up cache that was recorded at another place.
    CodeSource source = NativeLibrary.class.getProtectionDomain().getCodeSource();
    if (source != null && source.getLocation() != null) {
      folders.add(Path.of(URI.create(source.getLocation().toString())).resolveSibling("lib"));
    }
    return folders;
  }
}
