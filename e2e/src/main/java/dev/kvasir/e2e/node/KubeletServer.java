package dev.kvasir.e2e.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The part of a kubelet's HTTPS endpoint that {@code kubectl logs} needs. */
final class KubeletServer implements AutoCloseable {
  /** A kubelet's usual port; the node's address is its own, so nobody else has it. */
  private static final int PORT = 10250;

  private static final long FOLLOW_WAIT_MILLIS = 1000;

  /** Finds the log of a container's current or previous run. */
  interface Logs {
    Optional<ContainerLog> find(String namespace, String pod, String container, boolean previous);
  }

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Logs logs;

  private KubeletServer(HttpsServer server, Logs logs) {
    this.server = server;
    this.logs = logs;
  }

  static KubeletServer start(String address, Path directory, Logs logs) throws IOException {
    var https = HttpsServer.create(new InetSocketAddress(address, PORT), 0);
    https.setHttpsConfigurator(
        new HttpsConfigurator(SelfSignedCertificate.create(address, directory)));
    var server = new KubeletServer(https, logs);
    https.setExecutor(server.threads);
    https.createContext("/healthz", exchange -> server.answer(exchange, 200, "ok\n"));
    https.createContext("/containerLogs/", server::containerLogs);
    https.createContext(
        "/",
        exchange -> server.answer(exchange, 501, "the local node serves container logs only\n"));
    https.start();
    return server;
  }

  int port() {
    return PORT;
  }

  private void containerLogs(HttpExchange exchange) throws IOException {
    List<String> path = List.of(exchange.getRequestURI().getPath().substring(1).split("/"));
    if (path.size() != 4) {
      answer(exchange, 404, "want /containerLogs/NAMESPACE/POD/CONTAINER\n");
      return;
    }
    try {
      LogQuery query = LogQuery.of(parameters(exchange), Instant.now());
      Optional<ContainerLog> log =
          logs.find(path.get(1), path.get(2), path.get(3), query.previous());
      if (log.isPresent()) {
        send(exchange, log.get(), query);
      } else {
        answer(exchange, 400, notFound(path.get(2), path.get(3), query.previous()));
      }
    } catch (IllegalArgumentException | DateTimeException e) {
      answer(exchange, 400, e.getMessage() + "\n");
    }
  }

  private static String notFound(String pod, String container, boolean previous) {
    String what = previous ? "previous terminated container " : "container ";
    return what
        + "\""
        + container
        + "\" in pod \""
        + pod
        + "\" "
        + (previous ? "not found\n" : "has no log: it has not started\n");
  }

  private void send(HttpExchange exchange, ContainerLog log, LogQuery query) throws IOException {
    ContainerLog.Chunk chunk = log.read();
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      var limited = new LimitedOutput(out, query.limitBytes().orElse(Long.MAX_VALUE));
      limited.write(query.select(chunk.lines()), query.timestamps());
      while (query.follow() && !chunk.ended() && !limited.isFull()) {
        chunk = log.readAfter(chunk.next(), FOLLOW_WAIT_MILLIS);
        limited.write(chunk.lines(), query.timestamps());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static Map<String, String> parameters(HttpExchange exchange) {
    var parameters = new HashMap<String, String>();
    String query = exchange.getRequestURI().getRawQuery();
    for (String part : query == null ? new String[0] : query.split("&")) {
      String[] pair = part.split("=", 2);
      String value = pair.length == 2 ? pair[1] : "";
      parameters.put(decode(pair[0]), decode(value));
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static final class LimitedOutput {
    private final OutputStream out;
    private long left;

    LimitedOutput(OutputStream out, long limit) {
      this.out = out;
      this.left = limit;
    }

    boolean isFull() {
      return left <= 0;
    }

    void write(List<LogLine> lines, boolean timestamps) throws IOException {
      for (LogLine line : lines) {
        byte[] bytes = line.render(timestamps).getBytes(StandardCharsets.UTF_8);
        int length = (int) Math.min(left, bytes.length);
        out.write(bytes, 0, length);
        left -= length;
      }
      out.flush();
    }
  }
}
