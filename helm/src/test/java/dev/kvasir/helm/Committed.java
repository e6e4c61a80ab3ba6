package dev.kvasir.helm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A committed file that is made from others. */
final class Committed {
  private static final String COMMAND = "./mvnw -q -pl helm test -Dkvasir.regenerate=true";

  private Committed() {}

  /**
   * Fails where the file is not what it is made from, or writes it anew where that is asked for.
   */
  static void assertIs(String made, Path file) throws IOException {
    if (Boolean.getBoolean("kvasir.regenerate")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, made);
    }
    assertEquals(
        made,
        Files.readString(file),
        () -> file + " is not what it is made from; look at the difference, then: " + COMMAND);
  }
}
