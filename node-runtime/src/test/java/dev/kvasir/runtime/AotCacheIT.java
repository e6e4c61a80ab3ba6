package dev.kvasir.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The start-up cache that the build records. */
class AotCacheIT {

  /** With this mode the JVM ends with an error instead of starting without a cache. */
  @Test
  void theProgramStartsFromTheCacheOfItsBuild() throws Exception {
    assertEquals("", run("-XX:AOTMode=on -Xlog:aot*=error:stdout"), "what the JVM says of it");
  }

  @Test
  void itStartsWithoutAUsableCacheToo() throws Exception {
    assertEquals("", run("-XX:AOTCache=/does/not/exist"), "what the JVM says of it");
  }

  /** The output of --version, less its own line. */
  private static String run(String options) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("bin/node-runtime", "--version");
    builder.environment().put("JAVA_OPTS", options);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("node-runtime "), output);
    return String.join(
        "\n",
        output
            .lines()
            .filter(line -> !line.startsWith("node-runtime "))
            .filter(line -> !line.contains("incubator modules"))
            .toList());
  }
}
