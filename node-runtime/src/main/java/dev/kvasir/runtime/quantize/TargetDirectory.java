package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a checkpoint is written: a directory beside the target takes its name once it is complete,
 * so that nobody finds a half of one.
 *
 * @param partial holds what is not complete yet
 */
record TargetDirectory(Path target, Path partial) {

  static TargetDirectory create(Path target) throws IOException {
    Path absolute = target.toAbsolutePath().normalize();
    if (Files.exists(absolute) && !isEmptyDirectory(absolute)) {
      throw new StartupException(
          "--target %s: something is there already; name a directory that is not there, or is empty"
              .formatted(target));
    }
    Path parent = absolute.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new StartupException("--target %s: there is no directory %s".formatted(target, parent));
    }
    Path partial = Files.createTempDirectory(parent, "." + absolute.getFileName() + ".partial");
    return new TargetDirectory(absolute, partial);
  }

  private static boolean isEmptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  /** Gives the directory its name; an empty one that has it gives way. */
  void finish() throws IOException {
    Files.setPosixFilePermissions(
        partial, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes what did not get finished. */
  void discard() throws IOException {
    if (Files.exists(partial)) {
      try (Stream<Path> entries = Files.walk(partial)) {
        List<Path> deepestFirst = entries.sorted(Comparator.reverseOrder()).toList();
        for (Path entry : deepestFirst) {
          Files.delete(entry);
        }
      }
    }
  }
}
