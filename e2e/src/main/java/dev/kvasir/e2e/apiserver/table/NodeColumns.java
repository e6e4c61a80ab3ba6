package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.List;
import java.util.StringJoiner;

/** How nodes are printed. */
final class NodeColumns {
  private static final String NONE = "<none>";
  private static final String UNKNOWN = "<unknown>";
  private static final String ROLE = "node-role.kubernetes.io/";

  static final List<Column> COLUMNS =
      List.of(
          Column.name(),
          Column.text("Status", NodeColumns::status),
          Column.text("Roles", NodeColumns::roles),
          Column.age(),
          info("Version", "kubeletVersion", false),
          Column.wide("Internal-IP", o -> address(o, "InternalIP")),
          Column.wide("External-IP", o -> address(o, "ExternalIP")),
          info("OS-Image", "osImage", true),
          info("Kernel-Version", "kernelVersion", true),
          info("Container-Runtime", "containerRuntimeVersion", true));

  private NodeColumns() {}

  private static Column info(String name, String field, boolean wide) {
    String path = "status.nodeInfo." + field;
    return wide
        ? Column.wide(name, o -> o.at(path).asText(UNKNOWN))
        : Column.text(name, o -> o.at(path).asText(UNKNOWN));
  }

  private static String status(KubeObject node) {
    String status = "Unknown";
    for (JsonNode condition : node.status().path("conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        status = Json.text(condition, "status").equals("True") ? "Ready" : "NotReady";
      }
    }
    boolean cordoned = node.spec().path("unschedulable").asBoolean();
    return cordoned ? status + ",SchedulingDisabled" : status;
  }

  private static String roles(KubeObject node) {
    StringJoiner roles = new StringJoiner(",");
    roles.setEmptyValue(NONE);
    node.labels().keySet().stream()
        .filter(label -> label.startsWith(ROLE))
        .forEach(label -> roles.add(label.substring(ROLE.length())));
    return roles.toString();
  }

  private static String address(KubeObject node, String type) {
    for (JsonNode address : node.status().path("addresses")) {
      if (Json.text(address, "type").equals(type)) {
        return Json.text(address, "address");
      }
    }
    return NONE;
  }
}
