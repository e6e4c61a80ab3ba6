package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A pod's volumes as directories under the pod's own; written once, when the pod starts. */
record PodVolumes(Pod pod, Path directory, ConfigData data, FieldReferences fields) {

  void materialise() throws ContainerConfigException, IOException {
    for (Volume volume : pod.getSpec().getVolumes()) {
      Path target = Files.createDirectories(directoryOf(volume.getName()));
      write(volume, target);
    }
  }

  /**
   * Where a container's mount paths lie. An emptyDir at /tmp is left out: programs find it through
   * TMPDIR, and a path under /tmp in an argument means the machine's.
   */
  MountPaths mounts(Container container) {
    var paths = new HashMap<String, Path>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      if (!isTemporary(mount)) {
        paths.put(withoutSlash(mount.getMountPath()), directoryOf(mount));
      }
    }
    return new MountPaths(paths);
  }

  Optional<Path> temporaryDirectory(Container container) {
    return container.getVolumeMounts().stream()
        .filter(this::isTemporary)
        .map(this::directoryOf)
        .findFirst();
  }

  private boolean isTemporary(VolumeMount mount) {
    return withoutSlash(mount.getMountPath()).equals("/tmp")
        && pod.getSpec().getVolumes().stream()
            .anyMatch(
                volume -> volume.getName().equals(mount.getName()) && volume.getEmptyDir() != null);
  }

  private Path directoryOf(VolumeMount mount) {
    Path volume = directoryOf(mount.getName());
    String sub = mount.getSubPath();
    return sub == null || sub.isEmpty() ? volume : volume.resolve(sub);
  }

  private Path directoryOf(String volume) {
    return directory.resolve("volumes").resolve(volume);
  }

  private void write(Volume volume, Path target) throws ContainerConfigException, IOException {
    if (volume.getSecret() != null) {
      var secret = volume.getSecret();
      writeItems(
          target,
          data.secret(namespace(), secret.getSecretName()),
          secret.getItems(),
          "secret \"" + secret.getSecretName() + "\"",
          secret.getOptional());
    } else if (volume.getConfigMap() != null) {
      var map = volume.getConfigMap();
      writeItems(
          target,
          data.configMap(namespace(), map.getName()),
          map.getItems(),
          "configmap \"" + map.getName() + "\"",
          map.getOptional());
    } else if (volume.getDownwardAPI() != null) {
      writeFields(target, volume.getDownwardAPI().getItems());
    } else if (volume.getProjected() != null) {
      for (VolumeProjection source : volume.getProjected().getSources()) {
        write(source, target);
      }
    } else if (volume.getEmptyDir() == null) {
      throw new ContainerConfigException(
          "volume "
              + volume.getName()
              + ": the local node has emptyDir, secret, configMap, downwardAPI and projected volumes only");
    }
  }

  private void write(VolumeProjection source, Path target)
      throws ContainerConfigException, IOException {
    if (source.getSecret() != null) {
      var secret = source.getSecret();
      writeItems(
          target,
          data.secret(namespace(), secret.getName()),
          secret.getItems(),
          "secret \"" + secret.getName() + "\"",
          secret.getOptional());
    } else if (source.getConfigMap() != null) {
      var map = source.getConfigMap();
      writeItems(
          target,
          data.configMap(namespace(), map.getName()),
          map.getItems(),
          "configmap \"" + map.getName() + "\"",
          map.getOptional());
    } else if (source.getDownwardAPI() != null) {
      writeFields(target, source.getDownwardAPI().getItems());
    } else if (source.getServiceAccountToken() != null) {
      var token = source.getServiceAccountToken();
      long seconds = token.getExpirationSeconds() == null ? 3600 : token.getExpirationSeconds();
      String account = pod.getSpec().getServiceAccountName();
      writeFile(
          target,
          token.getPath(),
          data.serviceAccountToken(namespace(), account, token.getAudience(), seconds)
              .getBytes(StandardCharsets.UTF_8));
    } else {
      throw new ContainerConfigException(
          "a projected volume has a source that the local node doesn't know");
    }
  }

  private void writeItems(
      Path target,
      Optional<Map<String, byte[]>> found,
      List<KeyToPath> items,
      String what,
      Boolean optional)
      throws ContainerConfigException, IOException {
    boolean mayLack = Boolean.TRUE.equals(optional);
    if (found.isEmpty() && !mayLack) {
      throw new ContainerConfigException(what + " not found");
    }
    Map<String, byte[]> content = found.orElse(Map.of());
    if (items == null || items.isEmpty()) {
      for (var entry : content.entrySet()) {
        writeFile(target, entry.getKey(), entry.getValue());
      }
      return;
    }
    for (KeyToPath item : items) {
      if (content.containsKey(item.getKey())) {
        writeFile(target, item.getPath(), content.get(item.getKey()));
      } else if (!mayLack) {
        throw new ContainerConfigException(what + " has no key " + item.getKey());
      }
    }
  }

  private void writeFields(Path target, List<DownwardAPIVolumeFile> items)
      throws ContainerConfigException, IOException {
    for (DownwardAPIVolumeFile item : items) {
      if (item.getFieldRef() == null) {
        throw new ContainerConfigException(
            "downwardAPI file " + item.getPath() + ": only fieldRef is known here");
      }
      writeFile(
          target,
          item.getPath(),
          fields.value(item.getFieldRef().getFieldPath()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void writeFile(Path target, String relative, byte[] content)
      throws ContainerConfigException, IOException {
    Path file = target.resolve(relative).normalize();
    if (!file.startsWith(target)) {
      throw new ContainerConfigException("path " + relative + " leads out of its volume");
    }
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private String namespace() {
    return pod.getMetadata().getNamespace();
  }

  private static String withoutSlash(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
