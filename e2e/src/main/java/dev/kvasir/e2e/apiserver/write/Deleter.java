package dev.kvasir.e2e.apiserver.write;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.kinds.KindCatalog;
import dev.kvasir.e2e.apiserver.kinds.KindRules;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Deletes: at once, after a grace period, or when the last finalizer is gone. */
public final class Deleter {
  private static final String ORPHAN = "orphan";
  private static final String FOREGROUND = "foregroundDeletion";

  /** What a deletion left: the object as it was last, and whether it is gone. */
  public record Deleted(KubeObject object, boolean gone) {}

  private final ObjectStore store;
  private final KindCatalog kinds;
  private final Clock clock;

  public Deleter(ObjectStore store, KindCatalog kinds, Clock clock) {
    this.store = store;
    this.kinds = kinds;
    this.clock = clock;
  }

  public Deleted delete(ResourceType type, ObjectKey key, DeleteOptions options) {
    return store.transaction(() -> {
      KubeObject live =
          store
              .get(type.collection(), key)
              .orElseThrow(() -> ApiException.notFound(type, key.name()));
      checkPreconditions(type, live, options);
      return deleteNow(type, live, options);
    });
  }

  /** Whether nothing holds an object any more whose deletion has begun. */
  static boolean mayGo(KubeObject object, KindRules rules) {
    return object.deleting()
        && object.finalizers().isEmpty()
        && object.json().path("metadata").path("deletionGracePeriodSeconds").asLong() == 0
        && !rules.heldBack(object);
  }

  private Deleted deleteNow(ResourceType type, KubeObject live, DeleteOptions options) {
    KindRules rules = kinds.of(type);
    KubeObject after = live.copy();
    after.setFinalizers(finalizers(live, options.propagation()));
    begin(after, live, rules.grace(live, options.graceSeconds().orElse(-1L)));
    rules.deleting(after);
    if (options.dryRun()) {
      return new Deleted(after, false);
    }
    if (!mayGo(after, rules)) {
      return new Deleted(after.json().equals(live.json()) ? live : put(type, after), false);
    }
    KubeObject last = store.remove(type.collection(), ObjectKey.of(live)).orElseThrow();
    rules.removed(last);
    return new Deleted(last, true);
  }

  private KubeObject put(ResourceType type, KubeObject after) {
    KubeObject stored = store.put(type.collection(), after);
    kinds.of(type).stored(stored);
    return stored;
  }

  /** Marks the object; a second deletion may only shorten the first one's grace. */
  private void begin(KubeObject after, KubeObject live, long grace) {
    ObjectNode metadata = after.metadata();
    long left = metadata.path("deletionGracePeriodSeconds").asLong();
    if (live.deleting() && grace >= left) {
      return;
    }
    metadata.put("deletionTimestamp", KubeObject.timestamp(clock.instant().plusSeconds(grace)));
    // As the parser would make it, so that equal objects compare equal.
    metadata.put("deletionGracePeriodSeconds", Math.toIntExact(grace));
    if (metadata.has("generation") && !live.deleting()) {
      metadata.put("generation", Math.toIntExact(live.generation() + 1));
    }
  }

  private static List<String> finalizers(KubeObject live, String propagation) {
    List<String> finalizers = new ArrayList<>(live.finalizers());
    if (propagation.isEmpty() || live.deleting()) {
      return finalizers;
    }
    finalizers.removeAll(List.of(ORPHAN, FOREGROUND));
    switch (propagation) {
      case "Orphan" -> finalizers.add(ORPHAN);
      case "Foreground" -> finalizers.add(FOREGROUND);
      default -> {}
    }
    return finalizers;
  }

  private static void checkPreconditions(
      ResourceType type, KubeObject live, DeleteOptions options) {
    options
        .uid()
        .filter(uid -> !uid.equals(live.uid()))
        .ifPresent(uid -> refuse(type, live, "UID", uid, live.uid()));
    options
        .resourceVersion()
        .filter(v -> !v.equals(live.resourceVersion()))
        .ifPresent(v -> refuse(type, live, "ResourceVersion", v, live.resourceVersion()));
  }

  private static void refuse(
      ResourceType type, KubeObject live, String what, String wanted, String found) {
    throw ApiException.conflict(
        type,
        live.name(),
        "Precondition failed: %s in precondition: %s, %s in object meta: %s"
            .formatted(what, wanted, what, found));
  }
}
