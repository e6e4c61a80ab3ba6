package dev.kvasir.operator.gateway;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which headers go through, in both directions: those that are not about one connection. */
final class ForwardedHeaders {
  static final String REQUEST_ID = "x-request-id";
  private static final String FORWARDED_FOR = "x-forwarded-for";
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");
  private static final Set<String> OURS =
      Set.of("host", "content-length", "expect", REQUEST_ID, FORWARDED_FOR);

  private ForwardedHeaders() {}

  static MultiMap ofRequest(HttpServerRequest request, String requestId) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    copy(request.headers(), headers, OURS);
    headers.set(REQUEST_ID, requestId);
    headers.set(FORWARDED_FOR, forwardedFor(request));
    return headers;
  }

  static void ofResponse(MultiMap from, MultiMap to) {
    copy(from, to, Set.of());
  }

  private static void copy(MultiMap from, MultiMap to, Set<String> without) {
    Set<String> dropped = new TreeSet<>(HOP_BY_HOP);
    dropped.addAll(without);
    for (String connection : from.getAll("connection")) {
      for (String name : connection.split(",", -1)) {
        dropped.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    for (Map.Entry<String, String> header : from) {
      if (!dropped.contains(header.getKey().toLowerCase(Locale.ROOT))) {
        to.add(header.getKey(), header.getValue());
      }
    }
  }

  private static String forwardedFor(HttpServerRequest request) {
    String before = request.getHeader(FORWARDED_FOR);
    String client =
        request.remoteAddress() == null ? "unknown" : request.remoteAddress().hostAddress();
    return before == null ? client : before + ", " + client;
  }
}
