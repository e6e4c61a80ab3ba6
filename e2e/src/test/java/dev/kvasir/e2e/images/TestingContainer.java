package dev.kvasir.e2e.images;

import com.github.dockerjava.api.model.Capability;
import java.util.List;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;

/** Containers as a careful cluster runs them. */
final class TestingContainer {
  private TestingContainer() {}

  /** Read-only but for /tmp, without capabilities, as the user that the image names. */
  @SuppressWarnings("resource") // the caller closes it
  static GenericContainer<?> of(String image, long megabytes) {
    return new GenericContainer<>(image)
        .withTmpFs(Map.of("/tmp", "rw"))
        .withCreateContainerCmdModifier(command ->
            command
                .getHostConfig()
                .withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"))
                .withMemory(megabytes << 20));
  }
}
