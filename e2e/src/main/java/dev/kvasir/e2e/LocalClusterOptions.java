package dev.kvasir.e2e;

import java.nio.file.Path;
import java.util.Map;

/**
 * How a local cluster is set up.
 *
 * @param checkout the root of this repository, with its programs built
 * @param directory where the cluster keeps its files, logs included; it must exist and be empty
 * @param servicePorts local ports for services that must have a certain one, by {@code
 *     namespace/name}
 * @param gatewayPort of 127.0.0.1; 0 is any
 */
public record LocalClusterOptions(
    ControlPlaneKind controlPlane,
    Path checkout,
    Path directory,
    Map<String, Integer> servicePorts,
    int gatewayPort) {
  public LocalClusterOptions {
    servicePorts = Map.copyOf(servicePorts);
  }

  /** With a gateway at any port. */
  public LocalClusterOptions(
      ControlPlaneKind controlPlane,
      Path checkout,
      Path directory,
      Map<String, Integer> servicePorts) {
    this(controlPlane, checkout, directory, servicePorts, 0);
  }
}
