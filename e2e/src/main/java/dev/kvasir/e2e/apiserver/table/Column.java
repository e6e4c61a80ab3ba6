package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType.PrinterColumn;
import java.time.Instant;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** A column of a table: its head, and its cell for an object at a time. */
record Column(PrinterColumn head, BiFunction<KubeObject, Instant, JsonNode> cell) {
  private static final int WIDE = 1;

  static Column text(String name, Function<KubeObject, String> cell) {
    return new Column(head(name, "string", 0), (o, now) -> TextNode.valueOf(cell.apply(o)));
  }

  /** A column that only kubectl get -o wide shows. */
  static Column wide(String name, Function<KubeObject, String> cell) {
    return new Column(head(name, "string", WIDE), (o, now) -> TextNode.valueOf(cell.apply(o)));
  }

  static Column number(String name, ToIntFunction<KubeObject> cell) {
    return new Column(head(name, "integer", 0), (o, now) -> IntNode.valueOf(cell.applyAsInt(o)));
  }

  /** The time since a timestamp, found at a dotted path. */
  static Column since(String name, String path) {
    return new Column(
        head(name, "string", 0),
        (o, now) -> TextNode.valueOf(Ages.since(o.at(path).asText(""), now)));
  }

  static Column name() {
    PrinterColumn head = new PrinterColumn("Name", "string", "name", "Name of the object", 0, "");
    return new Column(head, (o, now) -> TextNode.valueOf(o.name()));
  }

  static Column age() {
    return since("Age", "metadata.creationTimestamp");
  }

  /** A column as a CustomResourceDefinition asks for it. */
  static Column custom(PrinterColumn column) {
    JsonPath path = JsonPath.parse(column.jsonPath());
    return new Column(column, (o, now) -> path.cell(o.json(), column.type(), now));
  }

  private static PrinterColumn head(String name, String type, int priority) {
    return new PrinterColumn(name, type, "", name, priority, "");
  }
}
