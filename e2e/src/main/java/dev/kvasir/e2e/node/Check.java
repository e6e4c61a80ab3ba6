package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing to try against a container: what a probe asks, or what is done before a container is
 * stopped.
 */
sealed interface Check {
  record Http(String host, int port, String path, Map<String, String> headers) implements Check {}

  record Tcp(String host, int port) implements Check {}

  record Exec(List<String> command) implements Check {}

  record Sleep(Duration duration) implements Check {}

  static Check of(Probe probe, Container container, String podIp) throws ContainerConfigException {
    if (probe.getHttpGet() != null) {
      return http(probe.getHttpGet(), container, podIp);
    }
    if (probe.getTcpSocket() != null) {
      var tcp = probe.getTcpSocket();
      return new Tcp(orElse(tcp.getHost(), podIp), port(tcp.getPort(), container));
    }
    if (probe.getExec() != null) {
      return new Exec(List.copyOf(probe.getExec().getCommand()));
    }
    throw new ContainerConfigException(
        "container "
            + container.getName()
            + ": the local node has httpGet, tcpSocket and exec probes only");
  }

  static Check of(LifecycleHandler handler, Container container, String podIp)
      throws ContainerConfigException {
    if (handler.getHttpGet() != null) {
      return http(handler.getHttpGet(), container, podIp);
    }
    if (handler.getExec() != null) {
      return new Exec(List.copyOf(handler.getExec().getCommand()));
    }
    if (handler.getSleep() != null) {
      return new Sleep(Duration.ofSeconds(handler.getSleep().getSeconds()));
    }
    throw new ContainerConfigException(
        "container "
            + container.getName()
            + ": the local node has httpGet, exec and sleep lifecycle handlers only");
  }

  private static Http http(HTTPGetAction get, Container container, String podIp)
      throws ContainerConfigException {
    if ("HTTPS".equals(get.getScheme())) {
      throw new ContainerConfigException(
          "container " + container.getName() + ": the local node has no probes over HTTPS");
    }
    var headers = new LinkedHashMap<String, String>();
    for (HTTPHeader header : get.getHttpHeaders()) {
      headers.put(header.getName(), header.getValue());
    }
    String path = orElse(get.getPath(), "/");
    return new Http(orElse(get.getHost(), podIp), port(get.getPort(), container), path, headers);
  }

  private static int port(IntOrString port, Container container) throws ContainerConfigException {
    if (port.getIntVal() != null) {
      return port.getIntVal();
    }
    return container.getPorts().stream()
        .filter(p -> port.getStrVal().equals(p.getName()))
        .mapToInt(ContainerPort::getContainerPort)
        .findFirst()
        .orElseThrow(() ->
            new ContainerConfigException(
                "container " + container.getName() + " has no port named " + port.getStrVal()));
  }

  private static String orElse(String value, String fallback) {
    return value == null || value.isEmpty() ? fallback : value;
  }
}
