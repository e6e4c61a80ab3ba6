package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.store.StoreEvent;
import dev.kvasir.e2e.apiserver.store.Watcher;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Watches: what a selection holds now, then every change of it, one JSON object after the other.
 */
final class WatchHandler {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(30);
  private static final Duration BOOKMARK_EVERY = Duration.ofSeconds(30);

  private final ObjectStore store;
  private final Representation representation;
  private final Clock clock;

  WatchHandler(ObjectStore store, Representation representation, Clock clock) {
    this.store = store;
    this.representation = representation;
    this.clock = clock;
  }

  /** What a watch begins with, and what follows. */
  private record Start(List<KubeObject> objects, Watcher watcher) {}

  void handle(ApiRequest request, ResourcePath path) throws IOException {
    if (request.header("Upgrade").equalsIgnoreCase("websocket")) {
      // Clients take the refusal of an upgrade as the wish for a plain stream.
      Responses.text(request.exchange(), 200, "watches are streamed over plain HTTP\n");
      return;
    }
    if (!request.parameter("sendInitialEvents").isEmpty()) {
      throw ApiException.invalid(
          path.type(),
          "",
          List.of(
              new ApiException.Cause(
                  "FieldValueForbidden",
                  "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature"
                      + " gate is enabled",
                  "sendInitialEvents")));
    }
    Selection selection = Selection.of(request, path);
    Start start = start(request.parameter("resourceVersion"), path.type(), selection);
    try (Watcher watcher = start.watcher()) {
      request.exchange().getResponseHeaders().set("Content-Type", "application/json");
      request.exchange().sendResponseHeaders(200, 0);
      Stream stream =
          new Stream(
              request.exchange().getResponseBody(),
              representation.of(request, path.type()),
              path.type());
      start.objects().forEach(stream::added);
      follow(request, selection, watcher, stream);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Start start(String version, ResourceType type, Selection selection) {
    if (version.isEmpty() || version.equals("0")) {
      return store.transaction(() ->
          new Start(
              store.list(type.collection()).objects().stream().filter(selection).toList(),
              store.watch(type.collection())));
    }
    try {
      return new Start(List.of(), store.watchFrom(type.collection(), Long.parseLong(version)));
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("resourceVersion: Invalid value: \"" + version + "\"");
    }
  }

  private void follow(ApiRequest request, Selection selection, Watcher watcher, Stream stream)
      throws IOException, InterruptedException {
    Duration timeout =
        request.number("timeoutSeconds").map(Duration::ofSeconds).orElse(DEFAULT_TIMEOUT);
    boolean bookmarks = request.flag("allowWatchBookmarks");
    Instant end = clock.instant().plus(timeout);
    stream.flush();
    while (clock.instant().isBefore(end) && !watcher.cutOff()) {
      Duration left = Duration.between(clock.instant(), end);
      Optional<StoreEvent> event =
          watcher.next(left.compareTo(BOOKMARK_EVERY) < 0 ? left : BOOKMARK_EVERY);
      if (event.isPresent()) {
        stream.send(event.get(), selection);
      } else if (bookmarks) {
        stream.bookmark(store.version());
      }
      stream.flush();
    }
  }

  /** The open response. */
  private record Stream(OutputStream out, View view, ResourceType type) {
    /** An event as the selection sees it: an object that leaves it is deleted there. */
    void send(StoreEvent event, Selection selection) throws IOException {
      boolean was = event.before().filter(selection).isPresent();
      boolean is = event.after().filter(selection).isPresent();
      if (is) {
        write(was ? "MODIFIED" : "ADDED", view.event(event.after().orElseThrow()));
      } else if (was) {
        write("DELETED", view.event(last(event)));
      }
    }

    private static KubeObject last(StoreEvent event) {
      KubeObject last = event.before().orElseThrow().copy();
      last.metadata().put("resourceVersion", Long.toString(event.version()));
      return last;
    }

    void added(KubeObject object) {
      try {
        write("ADDED", view.event(object));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void bookmark(long version) throws IOException {
      ObjectNode object = Json.object();
      object.put("kind", type.kind()).put("apiVersion", type.apiVersion());
      object.putObject("metadata").put("resourceVersion", Long.toString(version));
      write("BOOKMARK", object);
    }

    private void write(String kind, ObjectNode object) throws IOException {
      ObjectNode event = Json.object();
      event.put("type", kind).set("object", object);
      out.write(Json.bytes(event));
      out.write('\n');
    }

    void flush() throws IOException {
      out.flush();
    }
  }
}
