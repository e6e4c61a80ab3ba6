package dev.kvasir.e2e.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;

/**
 * Builds the images of this checkout on a base of this machine's own libraries, so that none is
 * pulled.
 */
final class TestingImages {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final String BASE = "kvasir-test/base";
  private static final long BUILD_MINUTES = 5;

  private TestingImages() {}

  /** Ends the test as skipped, with a line that says why, where nothing answers as Docker. */
  static void assumeDocker() {
    Assumptions.assumeTrue(
        DockerClientFactory.instance().isDockerAvailable(),
        "skipped: no Docker daemon is found, so no image is built");
    Assumptions.assumeTrue(
        Files.exists(CHECKOUT.resolve("node-runtime/target/jre/linked")),
        "skipped: this build made no Java runtimes for images (kvasir.jre.skip)");
  }

  /** The name of a module's freshly built image. */
  static String build(String module) throws IOException, InterruptedException {
    run(List.of("e2e/images/base", BASE));
    String name = "kvasir-test/" + module;
    Path file = Path.of(module, "src", "main", "docker", "Dockerfile");
    run(
        List.of(
            "docker",
            "build",
            "--build-arg",
            "BASE=" + BASE,
            "--tag",
            name,
            "--file",
            file.toString(),
            module));
    return name;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(CHECKOUT.toFile());
    Path log = Files.createTempFile("kvasir-image", ".log");
    try {
      Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      boolean ended = process.waitFor(BUILD_MINUTES, TimeUnit.MINUTES);
      process.destroyForcibly();
      if (!ended || process.exitValue() != 0) {
        throw new IOException(
            String.join(" ", command)
                + (ended ? " failed:\n" : " did not end:\n")
                + Files.readString(log, StandardCharsets.UTF_8));
      }
    } finally {
      Files.delete(log);
    }
  }

  /** Bytes of an image with its base. */
  static long size(String image) {
    Long size = DockerClientFactory.instance().client().inspectImageCmd(image).exec().getSize();
    return size == null ? Long.MAX_VALUE : size;
  }
}
