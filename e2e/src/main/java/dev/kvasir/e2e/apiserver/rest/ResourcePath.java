package dev.kvasir.e2e.apiserver.rest;

import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import java.util.List;
import java.util.Set;

/**
 * What a path names: a resource, and as far as it says so a namespace, an object and a subresource.
 * Each is empty where the path doesn't name it.
 */
record ResourcePath(ResourceType type, String namespace, String name, String subresource) {
  private static final Set<String> OF_A_NAMESPACE = Set.of("status", "finalize");

  /** Reads api/v1/... and apis/GROUP/VERSION/... */
  static ResourcePath parse(List<String> path, ResourceRegistry registry) {
    boolean core = path.getFirst().equals("api");
    int head = core ? 2 : 3;
    if (path.size() <= head) {
      throw ApiException.noSuchPath();
    }
    String group = core ? "" : path.get(1);
    String version = path.get(head - 1);
    List<String> rest = path.subList(head, path.size());
    String namespace = "";
    if (rest.size() >= 3
        && rest.getFirst().equals("namespaces")
        && !(core && rest.size() == 3 && OF_A_NAMESPACE.contains(rest.get(2)))) {
      namespace = rest.get(1);
      rest = rest.subList(2, rest.size());
    }
    if (rest.size() > 3) {
      throw ApiException.noSuchPath();
    }
    ResourceType type =
        registry.find(group, version, rest.getFirst()).orElseThrow(ApiException::noSuchPath);
    if (!type.namespaced() && !namespace.isEmpty()) {
      throw ApiException.noSuchPath();
    }
    String name = rest.size() > 1 ? rest.get(1) : "";
    return new ResourcePath(type, namespace, name, rest.size() > 2 ? rest.get(2) : "");
  }

  ObjectKey key() {
    return new ObjectKey(namespace, name);
  }

  /** Writes need to know where: a namespaced object has no home in the path of all namespaces. */
  void requireHome() {
    if (type.namespaced() && namespace.isEmpty()) {
      throw ApiException.methodNotAllowed();
    }
  }
}
