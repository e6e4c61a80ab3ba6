package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import dev.kvasir.runtime.http.LongWork.Work;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One request and its response. The thread that answers it may be stopped from outside (see {@link
 * OpenCalls}): an interrupt closes the connection and ends whatever the thread waits for.
 */
final class Call {
  /** Bytes of a body that are worked through at once. */
  private static final int SMALL_BODY = 16_384;

  private static final Pattern USABLE_ID = Pattern.compile("[\\x21-\\x7e]{1,128}");

  /** What the thread is doing, for the bounds on each. */
  enum Phase {
    READING,
    WORKING,
    WRITING
  }

  private final HttpExchange exchange;
  private final HttpLimits limits;
  private final LongWork longWork;
  private final String id;
  private final Thread thread = Thread.currentThread();
  private final long started = System.nanoTime();
  private volatile Phase phase = Phase.WORKING;
  private volatile long phaseSince = started;
  private volatile boolean bodyRead;
  private int bodySize;
  private boolean over;
  private int status;
  private String note = "";

  Call(HttpExchange exchange, HttpLimits limits, LongWork longWork) {
    this.longWork = longWork;
    this.exchange = exchange;
    this.limits = limits;
    String given = exchange.getRequestHeaders().getFirst("x-request-id");
    this.id =
        given != null && USABLE_ID.matcher(given).matches() ? given : UUID.randomUUID().toString();
    responseHeader("x-request-id", id);
  }

  String id() {
    return id;
  }

  String method() {
    return exchange.getRequestMethod();
  }

  String path() {
    String path = exchange.getRequestURI().getPath();
    return path == null ? "" : path;
  }

  String header(String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  InetSocketAddress client() {
    return exchange.getRemoteAddress();
  }

  InetSocketAddress server() {
    return exchange.getLocalAddress();
  }

  HttpLimits limits() {
    return limits;
  }

  void responseHeader(String name, String value) {
    exchange.getResponseHeaders().set(name, value);
  }

  /** The JSON object of the body. */
  ObjectNode json() throws ApiException, IOException {
    String type = header("Content-Type");
    if (type != null
        && !type.toLowerCase(Locale.ROOT).matches("application/(.*\\+)?json\\s*(;.*)?")) {
      throw ApiException.mediaType(
          "the body must be JSON with 'Content-Type: application/json', got '" + type + "'");
    }
    return JsonText.object(body());
  }

  private byte[] body() throws ApiException, IOException {
    requireAnnouncedSize();
    enter(Phase.READING);
    try {
      InputStream in = exchange.getRequestBody();
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      byte[] buffer = new byte[16384];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        body.write(buffer, 0, n);
        if (body.size() > limits.maxBodyBytes()) {
          throw tooLarge();
        }
      }
      bodyRead = true;
      bodySize = body.size();
      return body.toByteArray();
    } finally {
      enter(Phase.WORKING);
    }
  }

  /** Does what the body asks for before an answer begins; apart, where that may take long. */
  <T> T work(boolean isLong, Work<T> work) throws ApiException, IOException, InterruptedException {
    return isLong || bodySize > SMALL_BODY ? longWork.run(work) : work.result();
  }

  private void requireAnnouncedSize() throws ApiException {
    String announced = header("Content-Length");
    if (announced != null && Long.parseLong(announced.strip()) > limits.maxBodyBytes()) {
      throw tooLarge();
    }
  }

  private ApiException tooLarge() {
    return ApiException.tooLarge(
        "the body is larger than the limit of " + limits.maxBodyBytes() + " bytes");
  }

  void send(int status, JsonNode body) throws IOException {
    send(status, "application/json; charset=utf-8", JsonText.bytes(body));
  }

  void send(int status, String contentType, byte[] body) throws IOException {
    this.status = status;
    responseHeader("Content-Type", contentType);
    enter(Phase.WRITING);
    try {
      if (method().equals("HEAD")) {
        responseHeader("Content-Length", String.valueOf(body.length));
        exchange.sendResponseHeaders(status, -1);
      } else {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
      }
    } finally {
      enter(Phase.WORKING);
    }
  }

  void sendEmpty(int status, Map<String, String> headers) throws IOException {
    this.status = status;
    headers.forEach(this::responseHeader);
    exchange.sendResponseHeaders(status, -1);
  }

  void sendError(ApiException e) throws IOException {
    if (e.retryAfterSeconds() != null) {
      responseHeader("Retry-After", String.valueOf(e.retryAfterSeconds()));
    }
    if (e.status() == 401) {
      responseHeader("WWW-Authenticate", "Bearer");
    }
    if (e.status() == 408 || e.status() == 413) {
      responseHeader("Connection", "close");
    }
    send(e.status(), JsonText.error(e));
  }

  EventStream openEventStream() throws IOException {
    status = 200;
    responseHeader("Content-Type", "text/event-stream; charset=utf-8");
    responseHeader("Cache-Control", "no-cache");
    responseHeader("X-Accel-Buffering", "no");
    exchange.sendResponseHeaders(200, 0);
    return new EventStream(this, exchange.getResponseBody());
  }

  /** What the log line of this call says beside the usual. */
  void note(String text) {
    note = text;
  }

  String note() {
    return note;
  }

  /** The status that was sent, or 0. */
  int status() {
    return status;
  }

  long ageNanos() {
    return System.nanoTime() - started;
  }

  void enter(Phase next) {
    phaseSince = System.nanoTime();
    phase = next;
  }

  Phase phase() {
    return phase;
  }

  long phaseAgeNanos() {
    return System.nanoTime() - phaseSince;
  }

  /** A client that closes while its request still arrives is seen by the read itself. */
  boolean bodyRead() {
    return bodyRead;
  }

  synchronized void stop() {
    if (!over) {
      thread.interrupt();
    }
  }

  /** Ends the exchange; after that nobody stops this thread any more. */
  void finish() {
    exchange.close();
    synchronized (this) {
      over = true;
    }
  }
}
