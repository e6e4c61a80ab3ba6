package dev.kvasir.e2e.controlplane;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The real control plane's program, as {@code e2e/control-plane/build} makes it. */
public final class ControlPlaneBinary {
  private ControlPlaneBinary() {}

  /** What the script has built before; it builds nothing now, because that takes minutes. */
  public static Path cached(Path buildScript) throws ControlPlaneException, InterruptedException {
    if (!Files.isExecutable(buildScript)) {
      throw new ControlPlaneException(
          "the real control plane's build script is not at " + buildScript);
    }
    try {
      Process script =
          new ProcessBuilder(buildScript.toAbsolutePath().toString(), "--if-cached")
              .redirectErrorStream(true)
              .start();
      script.getOutputStream().close();
      String output = text(script).strip();
      if (script.waitFor() != 0) {
        throw new ControlPlaneException(output);
      }
      return Path.of(output);
    } catch (IOException e) {
      throw new ControlPlaneException(buildScript + " can't be run: " + e.getMessage(), e);
    }
  }

  private static String text(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
