import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Makes the Java runtime that an image carries, of the JDK that runs this and of the named modules
 * alone, unless it is there already. Run by the build: {@code java LinkJre.java MODULES TARGET}.
 */
class LinkJre {
  public static void main(String[] args) throws IOException {
    String modules = String.join(",", args[0].strip().split("[\\s,]+"));
    Path target = Path.of(args[1]);
    Path made = target.resolve("linked");
    String wanted = System.getProperty("java.runtime.version") + " " + modules + "\n";
    if (!Files.exists(made) || !Files.readString(made).equals(wanted)) {
      delete(target);
      link(modules, target);
    }
    Files.writeString(made, wanted); // its time says which build it belongs to
  }

  private static void link(String modules, Path target) {
    List<String> options =
        List.of(
            "--add-modules",
            modules,
            "--strip-debug",
            "--no-header-files",
            "--no-man-pages",
            "--compress",
            "zip-6",
            "--output",
            target.toString());
    ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
    PrintStream quiet = new PrintStream(PrintStream.nullOutputStream());
    int status = jlink.run(quiet, System.err, options.toArray(String[]::new));
    if (status != 0) {
      throw new IllegalStateException("jlink ended with " + status + " for " + options);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
