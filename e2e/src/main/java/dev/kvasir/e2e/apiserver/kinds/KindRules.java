package dev.kvasir.e2e.apiserver.kinds;

import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.List;

/** What is particular to one kind; nothing, where a kind has no rules of its own. */
public interface KindRules {
  KindRules NONE = new KindRules() {};

  /** Prepares an object that is about to be made, its status included. */
  default void create(KubeObject object) {}

  /** Carries over what a change leaves out and must keep. */
  default void update(KubeObject before, KubeObject after) {}

  /** Fills in what a client left out; runs on every write. */
  default void defaults(KubeObject object) {}

  /** Checks an object that is about to be made. */
  default List<ApiException.Cause> validate(KubeObject object) {
    return List.of();
  }

  /** Checks a change. */
  default List<ApiException.Cause> validateUpdate(KubeObject before, KubeObject after) {
    return validate(after);
  }

  /** Whether something beside metadata.finalizers keeps an object that is being deleted. */
  default boolean heldBack(KubeObject object) {
    return false;
  }

  /** How many seconds a deletion waits; 0 deletes at once. */
  default long grace(KubeObject object, long asked) {
    return 0;
  }

  /** Notes on an object that its deletion began. */
  default void deleting(KubeObject object) {}

  /** Runs after an object was stored, in the same transaction. */
  default void stored(KubeObject object) {}

  /** Runs after an object was removed, in the same transaction. */
  default void removed(KubeObject object) {}
}
