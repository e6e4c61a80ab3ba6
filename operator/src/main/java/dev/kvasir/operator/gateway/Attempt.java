package dev.kvasir.operator.gateway;

import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;

/** One try at having one replica answer a request. All on the request's event loop. */
final class Attempt {
  /** Is told how it goes; after {@code done}, {@code failed} or a cancellation nothing more. */
  interface Listener {
    /** The replica has sent a head; {@link #relay} or {@link #cancel} follows. */
    void answered(Attempt attempt, HttpClientResponse response);

    /** The first byte goes to the client: from here on there is no way back. */
    void began();

    void done(int status);

    void failed(Attempt attempt, Failure failure, Throwable cause);
  }

  /** How far an attempt had come when it failed. */
  enum Failure {
    /** Nothing was sent. */
    CONNECT("connect"),
    /** It was sent, and no byte of an answer came. */
    NO_ANSWER("no_answer"),
    /** A part of the answer is at the client. */
    CUT("cut");

    private final String reason;

    Failure(String reason) {
      this.reason = reason;
    }

    /** As metrics have it. */
    String reason() {
      return reason;
    }
  }

  private final HttpClient http;
  private final Lane lane;
  private final Listener listener;
  private HttpClientRequest request;
  private HttpClientResponse response;
  private long lastProgress = System.nanoTime();
  private boolean begun;
  private boolean over;

  Attempt(HttpClient http, Lane lane, Listener listener) {
    this.http = http;
    this.lane = lane;
    this.listener = listener;
  }

  Lane lane() {
    return lane;
  }

  boolean hasBegun() {
    return begun;
  }

  /** When something last moved. */
  long lastProgress() {
    return lastProgress;
  }

  void start(RequestOptions options, Buffer body) {
    http.request(options).onComplete(connected -> send(connected, body));
  }

  private void send(AsyncResult<HttpClientRequest> connected, Buffer body) {
    if (over) {
      if (connected.succeeded()) {
        connected.result().reset();
      }
    } else if (connected.failed()) {
      fail(Failure.CONNECT, connected.cause());
    } else {
      request = connected.result();
      lastProgress = System.nanoTime();
      request.send(body).onComplete(this::answered);
    }
  }

  private void answered(AsyncResult<HttpClientResponse> answer) {
    if (over) {
      return;
    }
    if (answer.failed()) {
      fail(Failure.NO_ANSWER, answer.cause());
      return;
    }
    response = answer.result();
    response.pause();
    response.exceptionHandler(cause -> fail(begun ? Failure.CUT : Failure.NO_ANSWER, cause));
    lastProgress = System.nanoTime();
    listener.answered(this, response);
  }

  /** Passes the answer on as it comes, as fast as the client takes it. */
  void relay(Reply reply) {
    response.handler(chunk -> pass(chunk, reply));
    response.endHandler(end -> {
      if (!over) {
        over = true;
        begin(reply);
        reply.end();
        listener.done(response.statusCode());
      }
    });
    response.resume();
  }

  private void pass(Buffer chunk, Reply reply) {
    if (over) {
      return;
    }
    lastProgress = System.nanoTime();
    begin(reply);
    reply.write(chunk);
    if (reply.isFull()) {
      response.pause();
      reply.onDrained(() -> {
        lastProgress = System.nanoTime();
        response.resume();
      });
    }
  }

  private void begin(Reply reply) {
    if (!begun) {
      begun = true;
      reply.head(response);
      listener.began();
    }
  }

  private void fail(Failure failure, Throwable cause) {
    if (!over) {
      over = true;
      listener.failed(this, failure, cause);
    }
  }

  /** Ends it: the replica sees its client go away. */
  void cancel() {
    over = true;
    if (request != null) {
      request.reset();
    }
  }
}
