package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Works out how a pod's containers are started as processes of this machine. */
record LaunchPlanner(
    ImageTable images,
    EnvironmentResolver environment,
    PodVolumes volumes,
    Path podDirectory,
    Map<String, String> host) {

  /** Where a program finds the file that stands for {@code terminationMessagePath}. */
  static final String TERMINATION_LOG = "KVASIR_TERMINATION_LOG";

  private static final List<String> INHERITED =
      List.of("PATH", "HOME", "LANG", "JAVA_HOME", "USER");

  Launch plan(Container container) throws ContainerConfigException, IOException {
    Path directory =
        Files.createDirectories(podDirectory.resolve("containers").resolve(container.getName()));
    Path terminationLog = directory.resolve("termination-log");
    Files.deleteIfExists(terminationLog);
    MountPaths mounts = mounts(container, terminationLog);
    Map<String, String> declared = declared(container, mounts);
    Path temporary =
        Files.createDirectories(
            volumes.temporaryDirectory(container).orElse(directory.resolve("tmp")));
    return new Launch(
        command(container, declared, mounts),
        processEnvironment(declared, temporary, terminationLog),
        workingDirectory(container, mounts, directory),
        terminationLog,
        mounts);
  }

  private MountPaths mounts(Container container, Path terminationLog) {
    var paths = new TreeMap<>(volumes.mounts(container).directories());
    String messagePath = container.getTerminationMessagePath();
    paths.put(messagePath == null ? "/dev/termination-log" : messagePath, terminationLog);
    return new MountPaths(paths);
  }

  private Map<String, String> declared(Container container, MountPaths mounts)
      throws ContainerConfigException {
    var values = new LinkedHashMap<String, String>();
    environment
        .resolve(container)
        .forEach((name, value) -> values.put(name, mounts.rewrite(value)));
    return values;
  }

  private List<String> command(Container container, Map<String, String> declared, MountPaths mounts)
      throws ContainerConfigException {
    var command = new ArrayList<String>();
    boolean replaced = !container.getCommand().isEmpty();
    if (!replaced) {
      command.addAll(
          images
              .entryPoint(container.getImage())
              .orElseThrow(() -> new ContainerConfigException("no image " + container.getImage())));
    }
    var given = new ArrayList<>(container.getCommand());
    given.addAll(container.getArgs());
    given.forEach(word -> command.add(mounts.rewrite(VariableReferences.expand(word, declared))));
    return command;
  }

  private Map<String, String> processEnvironment(
      Map<String, String> declared, Path temporary, Path terminationLog) {
    var values = new TreeMap<String, String>();
    INHERITED.stream().filter(host::containsKey).forEach(name -> values.put(name, host.get(name)));
    values.put("HOSTNAME", volumes.pod().getMetadata().getName());
    values.put("TMPDIR", temporary.toString());
    values.put(TERMINATION_LOG, terminationLog.toString());
    values.putAll(declared);
    return values;
  }

  private static Path workingDirectory(Container container, MountPaths mounts, Path fallback)
      throws ContainerConfigException {
    String wanted = container.getWorkingDir();
    if (wanted == null || wanted.isEmpty()) {
      return fallback;
    }
    Path directory = Path.of(mounts.rewrite(wanted));
    if (!Files.isDirectory(directory)) {
      throw new ContainerConfigException(
          "workingDir " + wanted + " is no directory on this machine");
    }
    return directory;
  }
}
