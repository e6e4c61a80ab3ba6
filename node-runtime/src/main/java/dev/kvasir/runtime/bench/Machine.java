package dev.kvasir.runtime.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a bench ran on. */
public record Machine(String processor, int processors, long memoryBytes, String java) {

  public static Machine current() {
    long memory =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean machine
            ? machine.getTotalMemorySize()
            : 0;
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        memory,
        Runtime.version().toString());
  }

  /** Linux says; elsewhere the architecture has to do. */
  private static String processorName() {
    String fallback = System.getProperty("os.arch");
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(fallback);
    } catch (IOException e) {
      return fallback;
    }
  }
}
