package dev.kvasir.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** What a client gets. From the first comment on its status is said, and errors are events. */
final class Reply {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String EVENT_STREAM = "text/event-stream";
  private static final long LINGER_MILLIS = 1000;
  private static final Buffer COMMENT = Buffer.buffer(": waiting\n\n");

  private enum State {
    FRESH,
    COMMENTS,
    STREAMING,
    ENDED
  }

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final String requestId;
  private final BooleanSupplier closing;
  private State state = State.FRESH;
  private boolean events;
  private boolean betweenEvents;

  /**
   * @param closing whether the connection should not be used again
   */
  Reply(HttpServerRequest request, String requestId, BooleanSupplier closing) {
    this.request = request;
    this.response = request.response();
    this.requestId = requestId;
    this.closing = closing;
  }

  /** Whether only a comment has been sent so far. */
  boolean isKeptAlive() {
    return state == State.COMMENTS;
  }

  void comment() {
    if (state == State.FRESH) {
      begin(200);
      response.putHeader(HttpHeaders.CONTENT_TYPE, EVENT_STREAM);
      response.putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
      response.setChunked(true);
      events = true;
      state = State.COMMENTS;
    }
    betweenEvents = true;
    send(COMMENT);
  }

  /** The replica's own head, unless comments have been sent in its place. */
  void head(HttpClientResponse from) {
    if (state == State.FRESH) {
      begin(from.statusCode());
      ForwardedHeaders.ofResponse(from.headers(), response.headers());
      response.putHeader(ForwardedHeaders.REQUEST_ID, requestId);
      response.setChunked(from.getHeader(HttpHeaders.CONTENT_LENGTH) == null);
      String type = from.getHeader(HttpHeaders.CONTENT_TYPE);
      events = type != null && type.startsWith(EVENT_STREAM);
      betweenEvents = true;
    }
    state = State.STREAMING;
  }

  void write(Buffer chunk) {
    int length = chunk.length();
    betweenEvents =
        length >= 2 && chunk.getByte(length - 1) == '\n' && chunk.getByte(length - 2) == '\n';
    send(chunk);
  }

  boolean isFull() {
    return response.writeQueueFull();
  }

  void onDrained(Runnable action) {
    response.drainHandler(drained -> action.run());
  }

  void end() {
    state = State.ENDED;
    response.end();
  }

  /** Ends with an error, in the form that is still possible; a cut stream never looks whole. */
  void fail(ApiError error) {
    switch (state) {
      case FRESH -> failFresh(error);
      case COMMENTS -> {
        send(event(error));
        end();
      }
      case STREAMING -> {
        if (events && betweenEvents) {
          send(event(error));
        }
        state = State.ENDED;
        request.connection().close();
      }
      case ENDED -> {}
    }
  }

  /** Ends a stream of comments with what a replica said instead of streaming. */
  void passError(Buffer said, int status) {
    send(Buffer.buffer("data: " + errorOf(said, status) + "\n\n"));
    end();
  }

  private static String errorOf(Buffer said, int status) {
    try {
      JsonNode body = JSON.readTree(said.getBytes());
      if (body != null && body.has("error")) {
        return body.toString();
      }
    } catch (IOException e) {
      // Not OpenAI's form: the status is all that can be told.
    }
    return ApiError.badGateway("the replica answered with status " + status).json();
  }

  private void failFresh(ApiError error) {
    begin(error.status());
    error
        .retryAfter()
        .ifPresent(
            seconds -> response.putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(seconds)));
    boolean unread = !request.isEnded();
    if (unread) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    json(error.json());
    if (unread) {
      closeSoon();
    }
  }

  /** Not at once: a client that still sends would see a reset in place of the answer. */
  private void closeSoon() {
    var _ =
        Vertx.currentContext().owner().setTimer(LINGER_MILLIS, due -> request.connection().close());
  }

  /** An answer of the gateway itself. */
  void json(int status, String body) {
    begin(status);
    json(body);
  }

  void text(String contentType, String body) {
    begin(200);
    response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    state = State.ENDED;
    response.end(body);
  }

  private void json(String body) {
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    state = State.ENDED;
    response.end(body);
  }

  private void begin(int status) {
    response.setStatusCode(status);
    response.putHeader(ForwardedHeaders.REQUEST_ID, requestId);
    if (closing.getAsBoolean()) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  private static Buffer event(ApiError error) {
    return Buffer.buffer("data: " + error.json() + "\n\n");
  }

  /** A failure to write shows as the connection's end. */
  private void send(Buffer bytes) {
    var _ = response.write(bytes);
  }
}
