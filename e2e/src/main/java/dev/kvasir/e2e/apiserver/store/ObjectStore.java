package dev.kvasir.e2e.apiserver.store;

import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * What etcd is to a kube-apiserver: every object, under one lock. A change of several steps is one
 * transaction; each write takes the next version of one counter.
 */
public final class ObjectStore {
  private static final int MAX_HISTORY = 20_000;
  private static final int MAX_WATCHERS = 2_000;
  private static final int MAX_OBJECTS = 100_000;

  /** A collection at one moment. */
  public record Snapshot(List<KubeObject> objects, long version) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, TreeMap<ObjectKey, KubeObject>> collections = new HashMap<>();
  private final Deque<StoreEvent> history = new ArrayDeque<>();
  private final Set<Watcher> watchers = new LinkedHashSet<>();
  private long version = 1;
  private long forgotten = 1;
  private int objects;
  private boolean closed;

  /** Runs reads and writes that nothing may come between. */
  public <T> T transaction(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  public long version() {
    return transaction(() -> version);
  }

  public Optional<KubeObject> get(String collection, ObjectKey key) {
    return transaction(() -> Optional.ofNullable(collection(collection).get(key)));
  }

  public Snapshot list(String collection) {
    return transaction(() -> new Snapshot(List.copyOf(collection(collection).values()), version));
  }

  /** Stores the object under the next version, which is written into it. */
  public KubeObject put(String collection, KubeObject object) {
    return transaction(() -> {
      ObjectKey key = ObjectKey.of(object);
      KubeObject before = collection(collection).get(key);
      if (before == null && objects >= MAX_OBJECTS) {
        throw ApiException.tooManyRequests("the store holds its limit of " + MAX_OBJECTS);
      }
      objects += before == null ? 1 : 0;
      object.metadata().put("resourceVersion", Long.toString(++version));
      collection(collection).put(key, object);
      publish(collection, Optional.ofNullable(before), Optional.of(object));
      return object;
    });
  }

  /** Removes the object; what is returned carries the version of its removal. */
  public Optional<KubeObject> remove(String collection, ObjectKey key) {
    return transaction(() -> {
      KubeObject before = collection(collection).remove(key);
      if (before == null) {
        return Optional.empty();
      }
      objects--;
      KubeObject last = before.copy();
      last.metadata().put("resourceVersion", Long.toString(++version));
      publish(collection, Optional.of(last), Optional.empty());
      return Optional.of(last);
    });
  }

  /** Follows a collection from what it holds now. */
  public Watcher watch(String collection) {
    return transaction(() -> register(collection));
  }

  /** Follows a collection from the event after a version that the reader has seen. */
  public Watcher watchFrom(String collection, long seen) {
    return transaction(() -> {
      if (seen < forgotten) {
        throw ApiException.expired(seen, forgotten);
      }
      Watcher watcher = register(collection);
      history.stream().filter(e -> e.version() > seen).forEach(watcher::offer);
      return watcher;
    });
  }

  /** Ends every watch; no new one is taken. */
  public void close() {
    transaction(() -> {
      closed = true;
      watchers.forEach(Watcher::cut);
      return null;
    });
  }

  void forget(Watcher watcher) {
    transaction(() -> watchers.remove(watcher));
  }

  private Watcher register(String collection) {
    if (closed || watchers.size() >= MAX_WATCHERS) {
      throw ApiException.tooManyRequests("at most " + MAX_WATCHERS + " watches are served");
    }
    Watcher watcher = new Watcher(collection, this);
    watchers.add(watcher);
    return watcher;
  }

  private void publish(String collection, Optional<KubeObject> before, Optional<KubeObject> after) {
    StoreEvent event = new StoreEvent(version, collection, before, after);
    history.addLast(event);
    if (history.size() > MAX_HISTORY) {
      forgotten = history.removeFirst().version();
    }
    watchers.forEach(w -> w.offer(event));
  }

  private Map<ObjectKey, KubeObject> collection(String name) {
    return collections.computeIfAbsent(name, n -> new TreeMap<>());
  }
}
