package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who owns whom, as the watches last told. */
final class ObjectGraph {
  /** An object and its kind. */
  record Node(ApiKind kind, GenericKubernetesResource object) {}

  private final Map<String, Node> byUid = new HashMap<>();
  private final Map<String, Set<String>> dependents = new HashMap<>();

  synchronized void put(Node node) {
    String uid = uid(node);
    Node before = byUid.put(uid, node);
    if (before != null) {
      unlink(before);
    }
    for (OwnerReference owner : node.object().getMetadata().getOwnerReferences()) {
      dependents.computeIfAbsent(owner.getUid(), key -> new HashSet<>()).add(uid);
    }
  }

  synchronized void remove(String uid) {
    Node before = byUid.remove(uid);
    if (before != null) {
      unlink(before);
    }
  }

  synchronized Optional<Node> find(String uid) {
    return Optional.ofNullable(byUid.get(uid));
  }

  synchronized List<Node> dependentsOf(String uid) {
    return dependents.getOrDefault(uid, Set.of()).stream().map(byUid::get).toList();
  }

  private void unlink(Node node) {
    for (OwnerReference owner : node.object().getMetadata().getOwnerReferences()) {
      Set<String> others = dependents.get(owner.getUid());
      others.remove(uid(node));
      if (others.isEmpty()) {
        dependents.remove(owner.getUid());
      }
    }
  }

  private static String uid(Node node) {
    return node.object().getMetadata().getUid();
  }
}
