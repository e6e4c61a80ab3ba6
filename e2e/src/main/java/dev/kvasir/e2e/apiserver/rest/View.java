package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.table.TableRenderer;
import java.util.List;

/** The form in which a client wants objects: as they are, their metadata only, or as a table. */
final class View {
  /** The three forms. */
  enum Form {
    OBJECT,
    METADATA,
    TABLE
  }

  private final ResourceType type;
  private final Form form;
  private final TableRenderer table;
  private final Conversion conversion;
  private boolean headersSent;

  View(ResourceType type, Form form, TableRenderer table, Conversion conversion) {
    this.conversion = conversion;
    this.type = type;
    this.form = form;
    this.table = table;
  }

  ObjectNode one(KubeObject object) {
    return switch (form) {
      case OBJECT -> versioned(object);
      case METADATA -> metadata(object);
      case TABLE -> table.table(List.of(object), object.resourceVersion(), true);
    };
  }

  ObjectNode list(List<KubeObject> objects, long version) {
    if (form == Form.TABLE) {
      return table.table(objects, Long.toString(version), true);
    }
    ObjectNode list = Json.object();
    boolean whole = form == Form.OBJECT;
    list.put("kind", whole ? type.kind() + "List" : "PartialObjectMetadataList");
    list.put("apiVersion", whole ? type.apiVersion() : "meta.k8s.io/v1");
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    ArrayNode items = list.putArray("items");
    objects.forEach(object -> items.add(one(object)));
    return list;
  }

  /** One event of a watch; a table names its columns in the first only. */
  ObjectNode event(KubeObject object) {
    if (form != Form.TABLE) {
      return one(object);
    }
    ObjectNode rows = table.table(List.of(object), object.resourceVersion(), !headersSent);
    headersSent = true;
    return rows;
  }

  private ObjectNode versioned(KubeObject object) {
    return conversion.fromStored(object, type);
  }

  private static ObjectNode metadata(KubeObject object) {
    ObjectNode partial = Json.object();
    partial.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
    partial.set("metadata", object.metadata());
    return partial;
  }
}
