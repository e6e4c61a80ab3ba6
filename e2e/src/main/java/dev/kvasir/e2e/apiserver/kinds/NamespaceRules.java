package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;

/** A namespace is Active until its deletion begins, and goes when it is empty. */
final class NamespaceRules implements KindRules {
  @Override
  public void create(KubeObject namespace) {
    Json.child(namespace.json(), "spec").putArray("finalizers").add("kubernetes");
    namespace.json().putObject("status").put("phase", "Active");
  }

  @Override
  public void update(KubeObject before, KubeObject after) {
    // Only the finalize subresource, which is the janitor's, takes the finalizer away.
    Json.child(after.json(), "spec").set("finalizers", before.spec().path("finalizers"));
  }

  @Override
  public void defaults(KubeObject namespace) {
    ObjectNode labels = Json.child(namespace.metadata(), "labels");
    Json.setDefault(labels, "kubernetes.io/metadata.name", namespace.name());
  }

  @Override
  public boolean heldBack(KubeObject namespace) {
    return !namespace.spec().path("finalizers").isEmpty();
  }

  @Override
  public void deleting(KubeObject namespace) {
    Json.child(namespace.json(), "status").put("phase", "Terminating");
  }
}
