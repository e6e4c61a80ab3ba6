package dev.kvasir.e2e.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountPathsTest {
  private static final MountPaths PATHS =
      new MountPaths(
          Map.of(
              "/keys",
              Path.of("/pod/k"),
              "/keys/inner",
              Path.of("/pod/i"),
              "/models",
              Path.of("/pod/m")));

  @ParameterizedTest
  @CsvSource({
    "/keys, /pod/k",
    "/keys/api, /pod/k/api",
    "--api-key-file=/keys/api, --api-key-file=/pod/k/api",
    "/keys/inner/x, /pod/i/x",
    "file:///models/llama, file:///pod/m/llama",
    "'/keys:/models', '/pod/k:/pod/m'",
    "/etc/keys, /etc/keys",
    "/keyset, /keyset",
    "/keys.old, /keys.old",
    "https://host/keys, https://host/keys",
    "a/keys, a/keys"
  })
  void mountPathsAreReplacedAsWholePathElements(String text, String expected) {
    assertEquals(expected, PATHS.rewrite(text));
  }

  @Test
  void withoutMountsNothingChanges() {
    assertEquals("/keys", new MountPaths(Map.of()).rewrite("/keys"));
  }
}
