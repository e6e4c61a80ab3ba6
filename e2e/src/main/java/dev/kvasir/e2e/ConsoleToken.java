package dev.kvasir.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** A token for the operator's console, and the file that the operator reads it from. */
record ConsoleToken(Path file, String text) {
  private static final int BYTES = 16;

  static ConsoleToken make(Path directory) throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    var onlyOwner =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Path file = Files.createFile(directory.resolve("console-token"), onlyOwner);
    String text = HexFormat.of().formatHex(random);
    Files.writeString(file, text);
    return new ConsoleToken(file, text);
  }
}
