package dev.kvasir.e2e.operator;

import dev.kvasir.e2e.controlplane.ControlPlaneBinary;
import dev.kvasir.e2e.controlplane.ControlPlaneException;
import dev.kvasir.e2e.controlplane.RealControlPlane;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A real control plane without a scheduler, or a skipped test where none was built. */
final class TestingPlane {
  private TestingPlane() {}

  static RealControlPlane start() throws ControlPlaneException, InterruptedException {
    return RealControlPlane.start(binary(), RealControlPlane.Scheduling.NONE);
  }

  private static Path binary() throws InterruptedException {
    try {
      return ControlPlaneBinary.cached(
          TestingOperator.ROOT.resolve("e2e/control-plane/build").toAbsolutePath());
    } catch (ControlPlaneException e) {
      return Assumptions.abort("no real API server: " + e.getMessage());
    }
  }
}
