package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bench/gpu-kernels} says of the results of the last run on a GPU. */
class KernelEvidenceTest {
  private static final Path SCRIPT = Path.of("bench/gpu-kernels");
  private static final String HALVES = "src/main/java/dev/kvasir/runtime/device/cuda/";

  @TempDir private Path runtime;

  @BeforeEach
  void aSmallTree() throws IOException {
    Files.createDirectory(runtime.resolve("bench"));
    Files.copy(SCRIPT, runtime.resolve(SCRIPT));
    write("src/main/cuda/shared.cuh", "int shared;");
    write("src/main/cuda/middle.cuh", "#include \"shared.cuh\"\n");
    write("src/main/cuda/plain.cu", "int plain;");
    write("src/main/cuda/deep.cu", "#include \"middle.cuh\"\n");
    write(HALVES + "Plain.java", "class Plain {}");
    write(
        "bench/kernels.json",
        """
        {
          "card" : "A card",
          "driver" : 13000,
          "date" : "2026-11-24T15:15:21Z",
          "commit" : "abc1234",
          "results" : [ ],
          "sources" : {
            %s,
            %s,
            %s,
            %s,
            %s
          }
        }
        """
            .formatted(
                hashed("src/main/cuda/shared.cuh"),
                hashed("src/main/cuda/middle.cuh"),
                hashed("src/main/cuda/plain.cu"),
                hashed("src/main/cuda/deep.cu"),
                hashed(HALVES + "Plain.java")));
  }

  private void write(String file, String text) throws IOException {
    Path path = runtime.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String hashed(String file) throws IOException {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(runtime.resolve(file)));
      return "\"%s\" : \"%s\"".formatted(file, HexFormat.of().formatHex(hash));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String run(Path script, String what) throws Exception {
    Process process =
        new ProcessBuilder(script.toAbsolutePath().toString(), what)
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    return out.strip();
  }

  private String changed() throws Exception {
    return run(runtime.resolve(SCRIPT), "changed");
  }

  @Test
  void saysWhatTheLastRunCovers() throws Exception {
    assertEquals(
        "GPU kernels: all as they were checked on a GPU (A card, 2026-11-24, commit abc1234)",
        changed());
  }

  @Test
  void aKernelChangesWithWhatItIncludes() throws Exception {
    write("src/main/cuda/shared.cuh", "int other;");

    assertEquals(
        "GPU kernels changed since they were last checked on a GPU"
            + " (A card, 2026-11-24, commit abc1234): deep",
        changed());
  }

  @Test
  void namesChangedAndNewKernelsAndCountsWhatStartsThem() throws Exception {
    write("src/main/cuda/plain.cu", "int other;");
    write("src/main/cuda/added.cu", "int added;");
    write(HALVES + "Plain.java", "class Plain { int x; }");

    String said = changed();

    assertTrue(said.contains(": added plain\n"), said);
    assertTrue(said.endsWith("and 1 of the classes that start them"), said);
  }

  @Test
  void withoutResultsNothingWasChecked() throws Exception {
    Files.delete(runtime.resolve("bench/kernels.json"));

    assertEquals("GPU kernels: never checked on a GPU", changed());
  }

  @Test
  void theReadmeShowsTheCommittedFigures() throws Exception {
    String readme = Files.readString(Path.of("../README.md"));

    assertTrue(
        readme.contains(run(SCRIPT, "table")),
        "the README's GPU figures are not those of bench/kernels.json: run"
            + " node-runtime/bench/gpu-kernels readme");
  }
}
