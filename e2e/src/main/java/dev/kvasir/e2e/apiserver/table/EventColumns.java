package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType.PrinterColumn;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How events are printed. */
final class EventColumns {
  static final List<Column> COLUMNS =
      List.of(
          new Column(
              new PrinterColumn("Last Seen", "string", "", "When it was last seen", 0, ""),
              (event, now) -> TextNode.valueOf(Ages.since(lastSeen(event), now))),
          BuiltInColumns.textAt("Type", "type", ""),
          BuiltInColumns.textAt("Reason", "reason", ""),
          Column.text("Object", EventColumns::object),
          Column.wide("Subobject", o -> o.at("involvedObject.fieldPath").asText("")),
          Column.wide("Source", EventColumns::source),
          BuiltInColumns.textAt("Message", "message", ""),
          Column.wide("Count", o -> o.at("count").asText("1")),
          Column.wide("Name", KubeObject::name));

  private EventColumns() {}

  private static String lastSeen(KubeObject event) {
    return Stream.of(
            "series.lastObservedTime",
            "lastTimestamp",
            "eventTime",
            "firstTimestamp",
            "metadata.creationTimestamp")
        .map(path -> event.at(path).asText(""))
        .filter(text -> !text.isEmpty() && !text.equals("null"))
        .findFirst()
        .orElse("");
  }

  private static String object(KubeObject event) {
    var involved = event.json().path("involvedObject");
    String kind = Json.text(involved, "kind").toLowerCase(Locale.ROOT);
    return kind + "/" + Json.text(involved, "name");
  }

  private static String source(KubeObject event) {
    String component = event.at("source.component").asText("");
    return component.isEmpty() ? event.at("reportingComponent").asText("") : component;
  }
}
