package dev.kvasir.operator.gateway;

import io.vertx.core.http.HttpConnection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The clients' connections of one event loop: how many there may be, and how long idle. */
final class Connections {
  private final Gateway gateway;
  private final IdentityHashMap<HttpConnection, Use> open = new IdentityHashMap<>();

  private static final class Use {
    private int requests;
    private long idleSince = System.nanoTime();
  }

  Connections(Gateway gateway) {
    this.gateway = gateway;
  }

  void opened(HttpConnection connection) {
    if (!gateway.connect()) {
      connection.close();
      return;
    }
    open.put(connection, new Use());
    connection.closeHandler(closed -> {
      open.remove(connection);
      gateway.disconnect();
    });
  }

  void began(HttpConnection connection) {
    Use use = open.get(connection);
    if (use != null) {
      use.requests++;
    }
  }

  void ended(HttpConnection connection) {
    Use use = open.get(connection);
    if (use != null) {
      use.requests--;
      use.idleSince = System.nanoTime();
    }
  }

  /** Also ends those that never send a whole head. */
  void closeIdle(long now) {
    long limit = gateway.drain().isRefusing() ? 0 : gateway.config().idleTimeout().toNanos();
    List<HttpConnection> idle =
        open.entrySet().stream()
            .filter(entry -> entry.getValue().requests <= 0)
            .filter(entry -> now - entry.getValue().idleSince > limit)
            .map(Map.Entry::getKey)
            .toList();
    idle.forEach(HttpConnection::close);
  }
}
