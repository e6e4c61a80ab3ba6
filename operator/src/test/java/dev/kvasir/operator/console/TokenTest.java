package dev.kvasir.operator.console;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {
  @TempDir Path directory;

  @Test
  void aTokenThatIsNoneIsRefusedAtTheStart() throws IOException {
    Path file = directory.resolve("token");
    assertSays(file, "is not there");
    Files.writeString(file, "fifteen-letters");
    assertSays(file, "has 15 characters; it must have at least 16");
    Files.writeString(file, "x".repeat(2000));
    assertSays(file, "longer than 1024 bytes");
    Files.writeString(file, "sixteen-letters!\n");
    assertTrue(Token.of(file).opens("bearer sixteen-letters!"), "without the end of the line");
  }

  private static void assertSays(Path file, String words) {
    IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> Token.of(file));
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("KVASIR_CONSOLE_TOKEN_FILE"), refusal.getMessage());
  }
}
