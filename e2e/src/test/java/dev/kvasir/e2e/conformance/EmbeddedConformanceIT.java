package dev.kvasir.e2e.conformance;

import dev.kvasir.e2e.apiserver.EmbeddedControlPlane;
import dev.kvasir.e2e.controllers.ControllerManager;
import dev.kvasir.e2e.controlplane.ControlPlane;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The suite against the embedded API server and controllers. */
class EmbeddedConformanceIT implements Conformance {
  @TempDir static Path directory;

  @RegisterExtension
  static final ConformanceEnvironment ENVIRONMENT =
      new ConformanceEnvironment(() -> Embedded.start(directory));

  private record Embedded(
      EmbeddedControlPlane plane, KubernetesClient controllersClient, ControllerManager controllers)
      implements ControlPlane {
    static Embedded start(Path directory) throws IOException {
      var plane = EmbeddedControlPlane.start(0, directory);
      KubernetesClient client = plane.client();
      return new Embedded(plane, client, ControllerManager.start(client));
    }

    @Override
    public String url() {
      return plane.url();
    }

    @Override
    public Path kubeconfig() {
      return plane.kubeconfig();
    }

    @Override
    public void close() {
      controllers.close();
      controllersClient.close();
      plane.close();
    }
  }
}
