package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;

/** The version of Kubernetes whose API this server follows. */
final class ServerVersion {
  private ServerVersion() {}

  static ObjectNode json() {
    return Json.object()
        .put("major", "1")
        .put("minor", "32")
        .put("gitVersion", "v1.32.0+kvasir-embedded")
        .put("gitCommit", "")
        .put("gitTreeState", "clean")
        .put("buildDate", "1970-01-01T00:00:00Z")
        .put("goVersion", "")
        .put("compiler", "")
        .put("platform", "jvm");
  }
}
