package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.function.Consumer;

/**
 * Calls the same consumer for whatever happens to an object; an update shows it before and after.
 */
record Watch<T>(Consumer<T> consumer) implements ResourceEventHandler<T> {
  static final long RESYNC_MILLIS = 30_000;

  @Override
  public void onAdd(T object) {
    consumer.accept(object);
  }

  @Override
  public void onUpdate(T before, T after) {
    consumer.accept(before);
    consumer.accept(after);
  }

  @Override
  public void onDelete(T object, boolean stale) {
    consumer.accept(object);
  }
}
