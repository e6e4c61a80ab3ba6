package dev.kvasir.e2e.apiserver.store;

import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.Comparator;

/** Where an object lies within its collection; the namespace is empty for a cluster's own. */
public record ObjectKey(String namespace, String name) implements Comparable<ObjectKey> {
  private static final Comparator<ObjectKey> ORDER =
      Comparator.comparing(ObjectKey::namespace).thenComparing(ObjectKey::name);

  public static ObjectKey of(KubeObject object) {
    return new ObjectKey(object.namespace(), object.name());
  }

  @Override
  public int compareTo(ObjectKey other) {
    return ORDER.compare(this, other);
  }
}
