package dev.kvasir.e2e.conformance;

import dev.kvasir.e2e.controlplane.ControlPlane;
import dev.kvasir.e2e.controlplane.ControlPlaneBinary;
import dev.kvasir.e2e.controlplane.ControlPlaneException;
import dev.kvasir.e2e.controlplane.RealControlPlane;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The suite against etcd, kube-apiserver and kube-controller-manager. */
class RealConformanceIT implements Conformance {
  @RegisterExtension
  static final ConformanceEnvironment ENVIRONMENT =
      new ConformanceEnvironment(RealConformanceIT::start);

  private static ControlPlane start() throws ControlPlaneException, InterruptedException {
    return RealControlPlane.start(binary(), RealControlPlane.Scheduling.NONE);
  }

  private static Path binary() throws InterruptedException {
    try {
      return ControlPlaneBinary.cached(Path.of("control-plane/build"));
    } catch (ControlPlaneException e) {
      ConformanceEnvironment.skip("RealConformanceIT: " + e.getMessage());
      throw new IllegalStateException("skipping has thrown", e);
    }
  }
}
