package dev.kvasir.e2e.apiserver.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Kubernetes object as JSON. One that is stored is never changed: copy it first. */
public record KubeObject(ObjectNode json) {
  public KubeObject copy() {
    return new KubeObject(json.deepCopy());
  }

  /** The metadata, made where there is none. */
  public ObjectNode metadata() {
    return Json.child(json, "metadata");
  }

  public String name() {
    return Json.text(json.path("metadata"), "name");
  }

  public String namespace() {
    return Json.text(json.path("metadata"), "namespace");
  }

  public String uid() {
    return Json.text(json.path("metadata"), "uid");
  }

  public String kind() {
    return Json.text(json, "kind");
  }

  public String resourceVersion() {
    return Json.text(json.path("metadata"), "resourceVersion");
  }

  public long generation() {
    return json.path("metadata").path("generation").asLong();
  }

  public boolean deleting() {
    return json.path("metadata").hasNonNull("deletionTimestamp");
  }

  public List<String> finalizers() {
    return Json.texts(json.path("metadata").path("finalizers"));
  }

  public void setFinalizers(List<String> finalizers) {
    if (finalizers.isEmpty()) {
      metadata().remove("finalizers");
    } else {
      metadata().set("finalizers", Json.array(finalizers));
    }
  }

  public Map<String, String> labels() {
    return strings(json.path("metadata").path("labels"));
  }

  public JsonNode spec() {
    return json.path("spec");
  }

  public JsonNode status() {
    return json.path("status");
  }

  /** The value at a dotted path, missing where there is none. */
  public JsonNode at(String dottedPath) {
    JsonNode node = json;
    for (String name : dottedPath.split("\\.", -1)) {
      node = node.path(name);
    }
    return node;
  }

  /** A point in time as the API writes it: whole seconds. */
  public static String timestamp(Instant time) {
    return Instant.ofEpochSecond(time.getEpochSecond()).toString();
  }

  private static Map<String, String> strings(JsonNode map) {
    Map<String, String> strings = new LinkedHashMap<>();
    map.properties().forEach(e -> strings.put(e.getKey(), e.getValue().asText()));
    return strings;
  }
}
