package dev.kvasir.e2e;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cluster's files. A lock says that the cluster lives: directories of clusters that were killed
 * are removed when the next one starts.
 */
final class ClusterDirectory implements AutoCloseable {
  private static final String PREFIX = "cluster-";
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel channel;
  private boolean kept;

  private ClusterDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  static ClusterDirectory create(Path parent) throws IOException {
    Files.createDirectories(parent);
    removeLeftovers(parent);
    var onlyOwner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path path = Files.createTempDirectory(parent, PREFIX, onlyOwner);
    FileChannel channel = open(path.resolve(LOCK));
    if (channel.tryLock() == null) {
      throw new IOException("can't lock " + path.resolve(LOCK));
    }
    return new ClusterDirectory(path, channel);
  }

  Path path() {
    return path;
  }

  /**
   * The files stay after the end, for whoever looks into a failure; the next start removes them.
   */
  void keep() {
    kept = true;
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!kept) {
      delete(path);
    }
  }

  private static void removeLeftovers(Path parent) throws IOException {
    List<Path> directories;
    try (Stream<Path> entries = Files.list(parent)) {
      directories =
          entries.filter(entry -> entry.getFileName().toString().startsWith(PREFIX)).toList();
    }
    for (Path directory : directories) {
      if (isAbandoned(directory)) {
        delete(directory);
      }
    }
  }

  /** One without a lock file is just being made. */
  private static boolean isAbandoned(Path directory) throws IOException {
    if (!Files.exists(directory.resolve(LOCK))) {
      return false;
    }
    try (FileChannel channel = open(directory.resolve(LOCK));
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static FileChannel open(Path lock) throws IOException {
    return FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
