package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import java.util.Map;

/**
 * Between the versions of one kind. Custom resources differ in their apiVersion only; events of
 * events.k8s.io are stored as events of v1, whose fields have other names.
 */
final class Conversion {
  private static final Map<String, String> EVENT_FIELDS =
      Map.of(
          "regarding", "involvedObject",
          "note", "message",
          "reportingController", "reportingComponent",
          "deprecatedSource", "source",
          "deprecatedFirstTimestamp", "firstTimestamp",
          "deprecatedLastTimestamp", "lastTimestamp",
          "deprecatedCount", "count");

  private final ResourceType coreEvents;

  Conversion(ResourceRegistry registry) {
    coreEvents = registry.builtIn("", "v1", "events");
  }

  /** The type that objects of a type are stored as. */
  ResourceType stored(ResourceType type) {
    return foreign(type) ? coreEvents : type;
  }

  KubeObject toStored(KubeObject sent, ResourceType type) {
    boolean mine = sent.json().path("apiVersion").asText().equals(type.apiVersion());
    if (!foreign(type) || !mine) {
      return sent;
    }
    ObjectNode json = sent.json().deepCopy();
    EVENT_FIELDS.forEach((theirs, ours) -> rename(json, theirs, ours));
    json.put("apiVersion", coreEvents.apiVersion());
    return new KubeObject(json);
  }

  ObjectNode fromStored(KubeObject object, ResourceType type) {
    if (object.json().path("apiVersion").asText().equals(type.apiVersion())) {
      return object.json();
    }
    ObjectNode json = object.json().deepCopy();
    if (foreign(type)) {
      EVENT_FIELDS.forEach((theirs, ours) -> rename(json, ours, theirs));
    }
    return json.put("apiVersion", type.apiVersion());
  }

  private boolean foreign(ResourceType type) {
    return type.collection().equals(coreEvents.collection())
        && !type.group().equals(coreEvents.group());
  }

  private static void rename(ObjectNode json, String from, String to) {
    JsonNode value = json.remove(from);
    if (value != null) {
      json.set(to, value);
    }
  }
}
