package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A service gets the defaults of its ports and an address of its own, 127.32.x.y: of this machine,
 * so that the proxy can serve it where it is a loopback address.
 */
final class ServiceRules implements KindRules {
  private static final int FIRST_ADDRESS = 10;
  private static final int ADDRESSES = 65_536 - FIRST_ADDRESS;

  private final AtomicInteger addresses = new AtomicInteger();

  @Override
  public void create(KubeObject service) {
    service.json().putObject("status").putObject("loadBalancer");
  }

  @Override
  public void update(KubeObject before, KubeObject after) {
    ObjectNode spec = Json.child(after.json(), "spec");
    for (String name : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
      if (before.spec().has(name)) {
        Json.setDefault(spec, name, before.spec().path(name).deepCopy());
      }
    }
  }

  @Override
  public void defaults(KubeObject service) {
    ObjectNode spec = Json.child(service.json(), "spec");
    Json.setDefault(spec, "type", "ClusterIP");
    Json.setDefault(spec, "sessionAffinity", "None");
    for (JsonNode port : spec.path("ports")) {
      Json.setDefault((ObjectNode) port, "protocol", "TCP");
      Json.setDefault((ObjectNode) port, "targetPort", port.path("port"));
    }
    if (!Json.text(spec, "type").equals("ExternalName")) {
      Json.setDefault(spec, "internalTrafficPolicy", "Cluster");
      giveAddress(spec);
    }
  }

  private void giveAddress(ObjectNode spec) {
    if (Json.text(spec, "clusterIP").isEmpty()) {
      int n = FIRST_ADDRESS + addresses.getAndIncrement() % ADDRESSES;
      spec.put("clusterIP", "127.32.%d.%d".formatted(n / 256, n % 256));
    }
    Json.setDefault(spec, "clusterIPs", Json.array(List.of(Json.text(spec, "clusterIP"))));
    Json.setDefault(spec, "ipFamilies", Json.array(List.of("IPv4")));
    Json.setDefault(spec, "ipFamilyPolicy", "SingleStack");
  }

  @Override
  public List<Cause> validate(KubeObject service) {
    List<Cause> causes = new ArrayList<>();
    JsonNode ports = service.spec().path("ports");
    boolean portless =
        Json.text(service.spec(), "clusterIP").equals("None")
            || Json.text(service.spec(), "type").equals("ExternalName");
    if (ports.isEmpty() && !portless) {
      causes.add(Cause.required("spec.ports"));
    }
    for (int i = 0; i < ports.size(); i++) {
      int port = ports.get(i).path("port").asInt();
      if (port < 1 || port > 65_535) {
        causes.add(
            Cause.invalid(
                "spec.ports[%d].port".formatted(i),
                Integer.toString(port),
                "must be between 1 and 65535, inclusive"));
      }
      if (ports.size() > 1 && Json.text(ports.get(i), "name").isEmpty()) {
        causes.add(Cause.required("spec.ports[%d].name".formatted(i)));
      }
    }
    return causes;
  }

  @Override
  public List<Cause> validateUpdate(KubeObject before, KubeObject after) {
    List<Cause> causes = new ArrayList<>(validate(after));
    String old = Json.text(before.spec(), "clusterIP");
    String now = Json.text(after.spec(), "clusterIP");
    if (!old.isEmpty() && !now.equals(old) && Json.text(after.spec(), "type").equals("ClusterIP")) {
      causes.add(
          Cause.invalid("spec.clusterIPs[0]", "[\"" + now + "\"]", "may not change once set"));
    }
    return causes;
  }
}
