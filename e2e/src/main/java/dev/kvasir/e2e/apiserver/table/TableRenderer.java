package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Renders objects of one kind as rows. */
public final class TableRenderer {
  private final List<Column> columns;
  private final String included;
  private final Clock clock;

  /**
   * @param included what of the object each row carries: None, Metadata or Object; empty is
   *     Metadata
   */
  public TableRenderer(ResourceType type, String included, Clock clock) {
    this.columns = columns(type);
    this.included = included;
    this.clock = clock;
  }

  private static List<Column> columns(ResourceType type) {
    List<Column> columns = new ArrayList<>();
    columns.add(Column.name());
    if (!type.custom()) {
      return BuiltInColumns.of(type.collection());
    }
    type.columns().forEach(c -> columns.add(Column.custom(c)));
    if (type.columns().isEmpty()) {
      columns.add(Column.age());
    }
    return columns;
  }

  public ObjectNode table(List<KubeObject> objects, String version, boolean withHeads) {
    ObjectNode table = Json.object();
    table.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
    table.putObject("metadata").put("resourceVersion", version);
    ArrayNode heads = table.putArray("columnDefinitions");
    if (withHeads) {
      columns.forEach(column -> heads.add(head(column)));
    }
    ArrayNode rows = table.putArray("rows");
    Instant now = clock.instant();
    objects.forEach(object -> rows.add(row(object, now)));
    return table;
  }

  private static ObjectNode head(Column column) {
    var head = column.head();
    return Json.object()
        .put("name", head.name())
        .put("type", head.type())
        .put("format", head.format())
        .put("description", head.description())
        .put("priority", head.priority());
  }

  private ObjectNode row(KubeObject object, Instant now) {
    ObjectNode row = Json.object();
    ArrayNode cells = row.putArray("cells");
    columns.forEach(column -> cells.add(column.cell().apply(object, now)));
    switch (included) {
      case "None" -> {}
      case "Object" -> row.set("object", object.json());
      default -> {
        ObjectNode partial = row.putObject("object");
        partial.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.metadata());
      }
    }
    return row;
  }
}
