package dev.kvasir.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class CrdManifestTest {
  private static final String COMMAND = "./mvnw -q -pl crds test -Dkvasir.regenerate=true";

  @Test
  void committedYamlIsWhatTheTypesSay() throws IOException {
    String generated = CrdManifest.generate();
    if (Boolean.getBoolean("kvasir.regenerate")) {
      Files.createDirectories(CrdManifest.COMMITTED.getParent());
      Files.writeString(CrdManifest.COMMITTED, generated);
    }
    assertEquals(
        generated,
        Files.readString(CrdManifest.COMMITTED),
        () -> CrdManifest.COMMITTED + " is not what the Java types say; write it anew: " + COMMAND);
  }
}
