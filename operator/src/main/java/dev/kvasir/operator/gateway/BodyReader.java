package dev.kvasir.operator.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Collects a request's body, up to what one request and all together may take. */
final class BodyReader {
  private final HttpServerRequest request;
  private final int maxBytes;
  private final ByteBudget budget;
  private final Consumer<Buffer> whole;
  private final Consumer<ApiError> refused;
  private Buffer body = Buffer.buffer();
  private boolean over;

  BodyReader(
      HttpServerRequest request,
      int maxBytes,
      ByteBudget budget,
      Consumer<Buffer> whole,
      Consumer<ApiError> refused) {
    this.request = request;
    this.maxBytes = maxBytes;
    this.budget = budget;
    this.whole = whole;
    this.refused = refused;
  }

  /** To be called before the request's handler returns. */
  void start() {
    request.handler(this::chunk);
    request.endHandler(end -> {
      if (!over) {
        over = true;
        whole.accept(body);
      }
    });
    if (declaredLength() > maxBytes) {
      refuse(ApiError.tooLarge(maxBytes));
    }
  }

  /** The body is of no more use: what it took of the budget is free again. */
  void release() {
    over = true;
    budget.give(body.length());
    body = Buffer.buffer();
  }

  private void chunk(Buffer chunk) {
    if (over) {
      return;
    }
    if (body.length() + chunk.length() > maxBytes) {
      refuse(ApiError.tooLarge(maxBytes));
    } else if (!budget.take(chunk.length())) {
      refuse(
          ApiError.unavailable(
              "gateway_full", 2, "the gateway holds as many bytes of requests as it may"));
    } else {
      body.appendBuffer(chunk);
    }
  }

  private void refuse(ApiError error) {
    over = true;
    refused.accept(error);
  }

  private long declaredLength() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
