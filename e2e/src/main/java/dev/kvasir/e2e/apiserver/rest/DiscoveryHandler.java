package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the server serves: groups, versions and resources, one by one and aggregated. */
final class DiscoveryHandler {
  private static final String AGGREGATED_TYPE =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  private static final List<String> VERBS =
      List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
  private static final List<String> STATUS_VERBS = List.of("get", "patch", "update");
  private static final String REVIEWS = "authorization.k8s.io";

  private final ResourceRegistry registry;

  DiscoveryHandler(ResourceRegistry registry) {
    this.registry = registry;
  }

  /** Answers api, apis, api/v1, apis/GROUP and apis/GROUP/VERSION. */
  void handle(ApiRequest request) throws IOException {
    List<String> path = request.path();
    boolean core = path.getFirst().equals("api");
    boolean aggregated = request.accepts("APIGroupDiscoveryList");
    if (path.size() == 1 && aggregated) {
      byte[] body = Json.bytes(aggregated(core));
      Responses.send(request.exchange(), 200, AGGREGATED_TYPE, body);
      return;
    }
    ObjectNode document =
        switch (path.size()) {
          case 1 -> core ? coreVersions() : groups();
          case 2 -> core ? resources("", path.get(1)) : group(path.get(1));
          default -> resources(path.get(1), path.get(2));
        };
    Responses.json(request.exchange(), 200, document);
  }

  private static ObjectNode coreVersions() {
    ObjectNode versions = Json.object();
    versions.put("kind", "APIVersions").putArray("versions").add("v1");
    return versions;
  }

  private ObjectNode groups() {
    ObjectNode list = Json.object();
    list.put("kind", "APIGroupList").put("apiVersion", "v1");
    ArrayNode groups = list.putArray("groups");
    versionsByGroup().forEach((name, versions) -> groups.add(group(name, versions)));
    return list;
  }

  private ObjectNode group(String name) {
    Set<String> versions = versionsByGroup().get(name);
    if (versions == null) {
      throw ApiException.noSuchPath();
    }
    ObjectNode group = group(name, versions);
    return group.put("kind", "APIGroup").put("apiVersion", "v1");
  }

  private static ObjectNode group(String name, Set<String> versions) {
    ObjectNode group = Json.object();
    ArrayNode list = group.put("name", name).putArray("versions");
    for (String version : versions) {
      list.add(groupVersion(name, version));
    }
    group.set("preferredVersion", groupVersion(name, versions.iterator().next()));
    return group;
  }

  private static ObjectNode groupVersion(String group, String version) {
    return Json.object().put("groupVersion", group + "/" + version).put("version", version);
  }

  private Map<String, Set<String>> versionsByGroup() {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    for (ResourceType type : registry.types()) {
      if (!type.group().isEmpty()) {
        groups.computeIfAbsent(type.group(), g -> new LinkedHashSet<>()).add(type.version());
      }
    }
    groups.put(REVIEWS, Set.of("v1"));
    return groups;
  }

  private ObjectNode resources(String group, String version) {
    ObjectNode list = Json.object();
    list.put("kind", "APIResourceList").put("apiVersion", "v1");
    list.put("groupVersion", group.isEmpty() ? version : group + "/" + version);
    ArrayNode resources = list.putArray("resources");
    for (ResourceType type : typesOf(group, version)) {
      resources.add(resource(type));
      for (Subresource sub : Subresource.of(type)) {
        ObjectNode entry = resources.addObject();
        entry.put("name", type.plural() + "/" + sub.name()).put("singularName", "");
        entry.put("namespaced", type.namespaced());
        if (!sub.group().equals(type.group())) {
          entry.put("group", sub.group()).put("version", sub.version());
        }
        entry.put("kind", sub.kind()).set("verbs", Json.array(sub.verbs()));
      }
    }
    if (group.equals(REVIEWS)) {
      resources.add(review());
    }
    if (resources.isEmpty()) {
      throw ApiException.noSuchPath();
    }
    return list;
  }

  private static ObjectNode resource(ResourceType type) {
    ObjectNode entry = Json.object();
    entry.put("name", type.plural()).put("singularName", type.names().singular());
    entry.put("namespaced", type.namespaced()).put("kind", type.kind());
    entry.set("verbs", Json.array(VERBS));
    if (!type.names().shortNames().isEmpty()) {
      entry.set("shortNames", Json.array(type.names().shortNames()));
    }
    if (!type.names().categories().isEmpty()) {
      entry.set("categories", Json.array(type.names().categories()));
    }
    return entry;
  }

  private static ObjectNode review() {
    ObjectNode entry = Json.object();
    entry.put("name", "selfsubjectaccessreviews").put("singularName", "selfsubjectaccessreview");
    entry.put("namespaced", false).put("kind", "SelfSubjectAccessReview");
    entry.set("verbs", Json.array(List.of("create")));
    return entry;
  }

  private List<ResourceType> typesOf(String group, String version) {
    return registry.types().stream()
        .filter(t -> t.group().equals(group) && t.version().equals(version))
        .toList();
  }

  private ObjectNode aggregated(boolean core) {
    ObjectNode list = Json.object();
    list.put("kind", "APIGroupDiscoveryList").put("apiVersion", "apidiscovery.k8s.io/v2");
    list.putObject("metadata");
    ArrayNode items = list.putArray("items");
    Map<String, Set<String>> groups = core ? Map.of("", Set.of("v1")) : versionsByGroup();
    groups.forEach((group, versions) -> items.add(aggregatedGroup(group, versions)));
    return list;
  }

  private ObjectNode aggregatedGroup(String group, Set<String> versions) {
    ObjectNode item = Json.object();
    ObjectNode metadata = item.putObject("metadata");
    if (!group.isEmpty()) {
      metadata.put("name", group);
    }
    ArrayNode list = item.putArray("versions");
    for (String version : versions) {
      ObjectNode entry = list.addObject().put("version", version);
      ArrayNode resources = entry.put("freshness", "Current").putArray("resources");
      typesOf(group, version).forEach(type -> resources.add(aggregatedResource(type)));
      if (group.equals(REVIEWS)) {
        resources.add(aggregatedReview());
      }
    }
    return item;
  }

  private static ObjectNode aggregatedResource(ResourceType type) {
    ObjectNode entry = Json.object();
    entry.put("resource", type.plural());
    entry.set("responseKind", kind(type.group(), type.version(), type.kind()));
    entry.put("scope", type.namespaced() ? "Namespaced" : "Cluster");
    entry.put("singularResource", type.names().singular());
    entry.set("verbs", Json.array(VERBS));
    entry.set("shortNames", Json.array(type.names().shortNames()));
    entry.set("categories", Json.array(type.names().categories()));
    ArrayNode subresources = entry.putArray("subresources");
    for (Subresource sub : Subresource.of(type)) {
      ObjectNode item = subresources.addObject().put("subresource", sub.name());
      item.set("responseKind", kind(sub.group(), sub.version(), sub.kind()));
      item.set("verbs", Json.array(sub.verbs()));
    }
    return entry;
  }

  private static ObjectNode aggregatedReview() {
    ObjectNode entry = Json.object().put("resource", "selfsubjectaccessreviews");
    entry.set("responseKind", kind(REVIEWS, "v1", "SelfSubjectAccessReview"));
    entry.put("scope", "Cluster").put("singularResource", "selfsubjectaccessreview");
    entry.set("verbs", Json.array(List.of("create")));
    return entry;
  }

  private static ObjectNode kind(String group, String version, String kind) {
    return Json.object().put("group", group).put("version", version).put("kind", kind);
  }

  /** A subresource, what it answers with, and what can be done with it. */
  private record Subresource(
      String name, String group, String version, String kind, List<String> verbs) {
    static List<Subresource> of(ResourceType type) {
      List<Subresource> list = new ArrayList<>();
      type.subresources().stream().sorted().forEach(name -> list.add(of(type, name)));
      return list;
    }

    private static Subresource of(ResourceType type, String name) {
      return switch (name) {
        case "scale" -> new Subresource(name, "autoscaling", "v1", "Scale", STATUS_VERBS);
        case "binding" -> new Subresource(name, "", "v1", "Binding", List.of("create"));
        case "eviction" -> new Subresource(name, "policy", "v1", "Eviction", List.of("create"));
        case "log" -> new Subresource(name, "", "v1", "Pod", List.of("get"));
        case "finalize" -> new Subresource(name, "", "v1", type.kind(), List.of("update"));
        default -> new Subresource(name, type.group(), type.version(), type.kind(), STATUS_VERBS);
      };
    }
  }
}
