package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What owner references demand of one object, as Kubernetes' garbage collector decides it. */
sealed interface CollectionStep {
  String FOREGROUND = "foregroundDeletion";
  String ORPHAN = "orphan";

  record Nothing() implements CollectionStep {}

  /** Its owners are gone. */
  record Delete(boolean foreground) implements CollectionStep {}

  /** Some of its owners are gone, and others keep it. */
  record DropOwners(Set<String> uids) implements CollectionStep {}

  /** It waits until what it owns is gone. */
  record DeleteDependents() implements CollectionStep {}

  /** It goes, and what it owned stays. */
  record OrphanDependents() implements CollectionStep {}

  record RemoveFinalizer(String finalizer) implements CollectionStep {}

  /** How an owner stands. */
  enum OwnerState {
    PRESENT,
    /** Being deleted in the foreground. */
    WAITING,
    ABSENT
  }

  static CollectionStep of(
      HasMetadata object,
      Map<String, OwnerState> ownersByUid,
      List<? extends HasMetadata> dependents) {
    if (object.getMetadata().getDeletionTimestamp() != null) {
      return ofDeleted(object, dependents);
    }
    Set<String> absent = uids(ownersByUid, OwnerState.ABSENT);
    Set<String> waiting = uids(ownersByUid, OwnerState.WAITING);
    if (absent.isEmpty() && waiting.isEmpty()) {
      return new Nothing();
    }
    if (ownersByUid.containsValue(OwnerState.PRESENT)) {
      absent.addAll(waiting);
      return new DropOwners(absent);
    }
    return new Delete(!waiting.isEmpty() && !dependents.isEmpty());
  }

  private static CollectionStep ofDeleted(
      HasMetadata object, List<? extends HasMetadata> dependents) {
    List<String> finalizers = object.getMetadata().getFinalizers();
    if (finalizers.contains(ORPHAN)) {
      return dependents.isEmpty() ? new RemoveFinalizer(ORPHAN) : new OrphanDependents();
    }
    if (finalizers.contains(FOREGROUND)) {
      boolean blocked = dependents.stream().anyMatch(dependent -> blocks(dependent, object));
      return blocked ? new DeleteDependents() : new RemoveFinalizer(FOREGROUND);
    }
    return new Nothing();
  }

  static boolean blocks(HasMetadata dependent, HasMetadata owner) {
    return dependent.getMetadata().getOwnerReferences().stream()
        .filter(ref -> ref.getUid().equals(owner.getMetadata().getUid()))
        .anyMatch(ref -> Boolean.TRUE.equals(ref.getBlockOwnerDeletion()));
  }

  static boolean owns(HasMetadata owner, HasMetadata dependent) {
    return dependent.getMetadata().getOwnerReferences().stream()
        .map(OwnerReference::getUid)
        .anyMatch(owner.getMetadata().getUid()::equals);
  }

  private static Set<String> uids(Map<String, OwnerState> owners, OwnerState state) {
    return owners.entrySet().stream()
        .filter(owner -> owner.getValue() == state)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }
}
