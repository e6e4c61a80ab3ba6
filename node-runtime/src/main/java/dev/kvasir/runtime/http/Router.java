package dev.kvasir.runtime.http;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Paths and methods to endpoints; a path that ends in {@code /*} takes what is below it. */
final class Router {
  private final Map<String, Map<String, Endpoint>> routes = new HashMap<>();

  Router add(String method, String path, Endpoint endpoint) {
    routes.computeIfAbsent(path, p -> new TreeMap<>()).put(method, endpoint);
    return this;
  }

  Endpoint find(String method, String path) throws ApiException {
    Map<String, Endpoint> methods = methods(path);
    if (methods == null) {
      throw ApiException.notFound("there is nothing at " + path);
    }
    Endpoint endpoint = methods.get(method.equals("HEAD") ? "GET" : method);
    if (endpoint != null) {
      return endpoint;
    }
    TreeSet<String> allowed = new TreeSet<>(methods.keySet());
    allowed.add("OPTIONS");
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    String allow = String.join(", ", allowed);
    if (method.equals("OPTIONS")) {
      return call -> call.sendEmpty(204, Map.of("Allow", allow));
    }
    return call -> {
      call.responseHeader("Allow", allow);
      throw ApiException.methodNotAllowed(method, path, allowed);
    };
  }

  private Map<String, Endpoint> methods(String path) {
    Map<String, Endpoint> exact = routes.get(path);
    if (exact != null) {
      return exact;
    }
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      Map<String, Endpoint> below = routes.get(path.substring(0, slash) + "/*");
      if (below != null && slash + 1 < path.length()) {
        return below;
      }
    }
    return null;
  }
}
