package dev.kvasir.e2e.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Everything that it takes to start a container's process. */
record Launch(
    List<String> command,
    Map<String, String> environment,
    Path workingDirectory,
    Path terminationLog,
    MountPaths mounts) {

  ProcessBuilder builder() {
    return builder(command);
  }

  ProcessBuilder builder(List<String> otherCommand) {
    var builder = new ProcessBuilder(otherCommand).directory(workingDirectory.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }
}
