package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType.PrinterColumn;
import java.time.Instant;
import java.util.List;

/** How pods are printed: ready containers, the state in a word, restarts. */
final class PodColumns {
  private static final String NONE = "<none>";

  static final List<Column> COLUMNS =
      List.of(
          Column.name(),
          Column.text("Ready", PodColumns::ready),
          Column.text("Status", PodColumns::status),
          new Column(
              new PrinterColumn("Restarts", "string", "", "Restarts of the containers", 0, ""),
              (pod, now) -> TextNode.valueOf(restarts(pod, now))),
          Column.age(),
          Column.wide("IP", o -> o.status().path("podIP").asText(NONE)),
          Column.wide("Node", o -> o.spec().path("nodeName").asText(NONE)),
          Column.wide("Nominated Node", o -> o.status().path("nominatedNodeName").asText(NONE)),
          Column.wide("Readiness Gates", o -> NONE));

  private PodColumns() {}

  private static String ready(KubeObject pod) {
    int ready = 0;
    for (JsonNode container : containers(pod)) {
      boolean running = container.path("state").has("running");
      ready += running && container.path("ready").asBoolean() ? 1 : 0;
    }
    return ready + "/" + pod.spec().path("containers").size();
  }

  private static String status(KubeObject pod) {
    if (pod.deleting()) {
      return "Terminating";
    }
    String reason = pod.status().path("reason").asText(Json.text(pod.status(), "phase"));
    boolean running = false;
    JsonNode containers = containers(pod);
    for (int i = containers.size() - 1; i >= 0; i--) {
      JsonNode state = containers.get(i).path("state");
      running |= state.has("running") && containers.get(i).path("ready").asBoolean();
      String told = reason(state);
      reason = told.isEmpty() ? reason : told;
    }
    return reason.equals("Completed") && running ? "Running" : reason;
  }

  private static String reason(JsonNode state) {
    String waiting = Json.text(state.path("waiting"), "reason");
    if (!waiting.isEmpty()) {
      return waiting;
    }
    JsonNode terminated = state.path("terminated");
    String ended = Json.text(terminated, "reason");
    return ended.isEmpty() && terminated.isObject()
        ? "ExitCode:" + terminated.path("exitCode").asInt()
        : ended;
  }

  private static String restarts(KubeObject pod, Instant now) {
    int restarts = 0;
    String last = "";
    for (JsonNode container : containers(pod)) {
      restarts += container.path("restartCount").asInt();
      String ended = container.path("lastState").path("terminated").path("finishedAt").asText("");
      last = ended.compareTo(last) > 0 ? ended : last;
    }
    boolean told = restarts > 0 && !last.isEmpty();
    return told ? "%d (%s ago)".formatted(restarts, Ages.since(last, now)) : "" + restarts;
  }

  private static JsonNode containers(KubeObject pod) {
    return pod.status().path("containerStatuses");
  }
}
