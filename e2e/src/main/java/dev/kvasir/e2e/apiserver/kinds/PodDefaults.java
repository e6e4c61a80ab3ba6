package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.List;

/** The defaults of a pod's spec, in a pod and in a template. */
final class PodDefaults {
  private static final int FILE_MODE = 0644;

  private PodDefaults() {}

  static void apply(ObjectNode spec) {
    Json.setDefault(spec, "restartPolicy", "Always");
    Json.setDefault(spec, "dnsPolicy", "ClusterFirst");
    Json.setDefault(spec, "schedulerName", "default-scheduler");
    Json.setDefault(spec, "securityContext", Json.object());
    Json.setDefault(spec, "terminationGracePeriodSeconds", 30);
    if (spec.hasNonNull("serviceAccountName")) {
      Json.setDefault(spec, "serviceAccount", spec.get("serviceAccountName"));
    }
    for (String list : List.of("initContainers", "containers")) {
      spec.path(list).forEach(c -> container((ObjectNode) c));
    }
    spec.path("volumes").forEach(v -> volume((ObjectNode) v));
  }

  private static void container(ObjectNode container) {
    Json.setDefault(container, "terminationMessagePath", "/dev/termination-log");
    Json.setDefault(container, "terminationMessagePolicy", "File");
    Json.setDefault(container, "imagePullPolicy", pullPolicy(Json.text(container, "image")));
    Json.setDefault(container, "resources", Json.object());
    requestLimits(Json.child(container, "resources"));
    container.path("ports").forEach(p -> Json.setDefault((ObjectNode) p, "protocol", "TCP"));
    for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
      if (container.get(probe) instanceof ObjectNode json) {
        probe(json);
      }
    }
    for (JsonNode variable : container.path("env")) {
      if (variable.path("valueFrom").path("fieldRef") instanceof ObjectNode reference) {
        Json.setDefault(reference, "apiVersion", "v1");
      }
    }
    for (String hook : List.of("postStart", "preStop")) {
      httpGet(container.path("lifecycle").path(hook).path("httpGet"));
    }
  }

  private static void requestLimits(ObjectNode resources) {
    if (resources.path("limits").isEmpty()) {
      return;
    }
    ObjectNode requests = Json.child(resources, "requests");
    resources
        .path("limits")
        .properties()
        .forEach(e -> Json.setDefault(requests, e.getKey(), e.getValue()));
  }

  private static void probe(ObjectNode probe) {
    Json.setDefault(probe, "timeoutSeconds", 1);
    Json.setDefault(probe, "periodSeconds", 10);
    Json.setDefault(probe, "successThreshold", 1);
    Json.setDefault(probe, "failureThreshold", 3);
    httpGet(probe.path("httpGet"));
    if (probe.get("grpc") instanceof ObjectNode grpc) {
      Json.setDefault(grpc, "service", "");
    }
  }

  private static void httpGet(JsonNode action) {
    if (action instanceof ObjectNode httpGet) {
      Json.setDefault(httpGet, "path", "/");
      Json.setDefault(httpGet, "scheme", "HTTP");
    }
  }

  private static void volume(ObjectNode volume) {
    if (volume.size() == 1) {
      volume.putObject("emptyDir");
    }
    for (String source : List.of("configMap", "secret", "projected", "downwardAPI")) {
      if (volume.get(source) instanceof ObjectNode json) {
        Json.setDefault(json, "defaultMode", FILE_MODE);
      }
    }
    if (volume.get("hostPath") instanceof ObjectNode hostPath) {
      Json.setDefault(hostPath, "type", "");
    }
  }

  private static String pullPolicy(String image) {
    if (image.contains("@")) {
      return "IfNotPresent";
    }
    String name = image.substring(image.lastIndexOf('/') + 1);
    boolean latest = !name.contains(":") || name.endsWith(":latest");
    return latest ? "Always" : "IfNotPresent";
  }
}
