package dev.kvasir.operator.gateway;

import dev.kvasir.operator.telemetry.DeploymentKey;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * A request on its way through: read, held while no replica is there, tried at one or a few, and
 * its answer passed on. All on one event loop.
 */
final class Exchange implements Waiter, Attempt.Listener {
  private static final Logger LOG = Logger.getLogger(Exchange.class);
  private static final int CLIENT_LEFT = 499;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNAVAILABLE = 503;
  private static final int RETRY_LATER_SECONDS = 10;
  private static final int MAX_ERROR_BYTES = 1 << 16;
  private static final int PARSED_ON_THE_LOOP = 1 << 17;

  private sealed interface Phase {}

  private record Reading() implements Phase {}

  /** For a replica. */
  private record Waiting(long since) implements Phase {}

  private record Choosing() implements Phase {}

  private record Trying(Attempt attempt) implements Phase {}

  private record Ended() implements Phase {}

  private final Gateway gateway;
  private final HttpClient http;
  private final HttpServerRequest request;
  private final Reply reply;
  private final MultiMap headers;
  private final Context context;
  private final BodyReader body;
  private final Consumer<Exchange> afterwards;
  private final long arrived = System.nanoTime();
  private final Set<Endpoint> tried = new HashSet<>();
  private Phase phase = new Reading();
  private ModelRequest ask;
  private DeploymentKey key;
  private Served served;
  private long firstHeld;
  private long lastComment;
  private int retries;

  Exchange(
      Gateway gateway,
      HttpClient http,
      HttpServerRequest request,
      String requestId,
      Reply reply,
      Context context,
      Consumer<Exchange> afterwards) {
    this.gateway = gateway;
    this.http = http;
    this.request = request;
    this.reply = reply;
    this.headers = ForwardedHeaders.ofRequest(request, requestId);
    this.context = context;
    this.afterwards = afterwards;
    this.body =
        new BodyReader(
            request, gateway.config().maxBodyBytes(), gateway.bodies(), this::read, this::refuse);
  }

  void begin() {
    request.response().closeHandler(closed -> clientLeft());
    request.response().exceptionHandler(broken -> clientLeft());
    request.exceptionHandler(broken -> clientLeft());
    body.start();
  }

  /** A long body is parsed elsewhere, or all other streams of this loop would wait for it. */
  private void read(Buffer whole) {
    Future<ModelRequest> parsed =
        whole.length() > PARSED_ON_THE_LOOP
            ? context.executeBlocking(() -> ModelRequest.parse(whole), false)
            : ModelRequest.parsed(whole);
    parsed.onComplete(this::parsed);
  }

  private void parsed(AsyncResult<ModelRequest> parsed) {
    if (!(phase instanceof Reading)) {
      return;
    }
    phase = new Choosing();
    if (parsed.succeeded()) {
      ask = parsed.result();
      resolve();
    } else if (parsed.cause() instanceof ModelRequest.BadRequestException bad) {
      refuse(bad.error());
    } else {
      LOG.error("a request could not be read", parsed.cause());
      refuse(ApiError.internal());
    }
  }

  private void resolve() {
    switch (gateway.pools().catalog().meaning(ask.model())) {
      case Catalog.Unknown() -> refuse(ApiError.modelNotFound(ask.model()));
      case Catalog.Ambiguous(var keys) -> refuse(ApiError.ambiguous(ask.model(), keys));
      case Catalog.Found(Served found) -> {
        served = found;
        key = found.key();
        take();
      }
    }
  }

  private void take() {
    switch (pool().takeOrHold(this, tried, System.nanoTime())) {
      case Pool.Taken(Lane lane) -> attempt(lane);
      case Pool.Held() -> hold();
      case Pool.Full(int held) ->
          refuse(
              ApiError.unavailable(
                  "hold_full",
                  RETRY_LATER_SECONDS,
                  "%s has no replica, and %d requests wait for one already".formatted(key, held)));
    }
  }

  private void hold() {
    if (!served.wakes() && served.ready().isEmpty()) {
      refuse(
          ApiError.unavailable(
              "scaled_to_zero",
              RETRY_LATER_SECONDS,
              "%s is switched off: its spec.replicas is 0, and it has no scaling".formatted(key)));
    } else if (!(phase instanceof Waiting)) {
      long now = System.nanoTime();
      firstHeld = firstHeld == 0 ? now : firstHeld;
      lastComment = lastComment == 0 ? now : lastComment;
      phase = new Waiting(now);
    }
  }

  private void attempt(Lane lane) {
    leaveHold();
    Attempt attempt = new Attempt(http, lane, this);
    phase = new Trying(attempt);
    attempt.start(
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(lane.endpoint().host())
            .setPort(lane.endpoint().port())
            .setURI(request.uri())
            .setHeaders(headers),
        ask.bodyFor(served.model()));
  }

  @Override
  public void answered(Attempt attempt, HttpClientResponse response) {
    int status = response.statusCode();
    if (status == UNAVAILABLE) {
      pool().shun(attempt.lane(), System.nanoTime());
    }
    if ((status == UNAVAILABLE || status == TOO_MANY_REQUESTS) && canRetry(attempt, status)) {
      attempt.cancel();
      leaveLane();
      retry("status_" + status);
    } else if (reply.isKeptAlive() && status != 200) {
      tellRefusal(response);
    } else {
      attempt.relay(reply);
    }
  }

  /** A full replica's own 429 is the answer where no other one can be had at once. */
  private boolean canRetry(Attempt attempt, int status) {
    if (retries >= gateway.config().retries()) {
      return false;
    }
    tried.add(attempt.lane().endpoint());
    return status == UNAVAILABLE || pool().hasOther(tried, System.nanoTime());
  }

  private void retry(String reason) {
    retries++;
    gateway.metrics().retried(key, reason);
    if (!pool().hasOther(tried, System.nanoTime())) {
      tried.clear();
    }
    take();
  }

  /** The status went with the first comment: what the replica says becomes an event. */
  private void tellRefusal(HttpClientResponse response) {
    Buffer said = Buffer.buffer();
    response.handler(chunk -> {
      if (said.length() + chunk.length() <= MAX_ERROR_BYTES) {
        said.appendBuffer(chunk);
      }
    });
    response.endHandler(end -> {
      if (!(phase instanceof Ended)) {
        settle(response.statusCode());
        reply.passError(said, response.statusCode());
      }
    });
    response.resume();
  }

  @Override
  public void began() {
    body.release();
    ask = null;
    gateway.metrics().firstByte(key, seconds(System.nanoTime() - arrived));
  }

  @Override
  public void done(int status) {
    settle(status);
  }

  @Override
  public void failed(Attempt attempt, Attempt.Failure failure, Throwable cause) {
    leaveLane();
    gateway.metrics().upstreamError(key, failure.reason());
    LOG.infof("%s: %s: %s", attempt.lane().endpoint().pod(), failure.reason(), cause.getMessage());
    switch (failure) {
      case CONNECT -> {
        pool().shun(attempt.lane(), System.nanoTime());
        take();
      }
      case NO_ANSWER -> {
        if (retries < gateway.config().retries()) {
          tried.add(attempt.lane().endpoint());
          retry(failure.reason());
        } else {
          refuse(ApiError.badGateway("the replica ended before it answered"));
        }
      }
      case CUT -> refuse(ApiError.badGateway("the replica ended in the middle of its answer"));
    }
  }

  @Override
  public long promptTokens() {
    return ask == null ? 0 : ask.promptTokens();
  }

  @Override
  public void wake() {
    context.runOnContext(on -> {
      if (phase instanceof Waiting) {
        lookAgain();
      }
    });
  }

  private void lookAgain() {
    Optional<Served> now = gateway.pools().catalog().get(key);
    if (now.isEmpty()) {
      refuse(ApiError.modelNotFound(ask.model()));
    } else {
      served = now.get();
      take();
    }
  }

  /** Called a few times a second. */
  void tick(long now) {
    switch (phase) {
      case Reading() -> {
        if (now - arrived > gateway.config().bodyTimeout().toNanos()) {
          refuse(ApiError.timeout("the request did not arrive in whole"));
        }
      }
      case Waiting(long since) -> {
        if (now - firstHeld > gateway.config().holdTime().toNanos()) {
          refuse(
              ApiError.unavailable(
                  "no_replica",
                  RETRY_LATER_SECONDS,
                  "%s had no replica for %d s"
                      .formatted(key, gateway.config().holdTime().toSeconds())));
        } else {
          keepAlive(now);
          lookAgain();
        }
      }
      case Trying(Attempt attempt) -> {
        if (now - attempt.lastProgress() > gateway.config().stallTimeout().toNanos()) {
          stalled(attempt);
        } else if (reply.isKeptAlive() && !attempt.hasBegun()) {
          keepAlive(now);
        }
      }
      case Choosing(), Ended() -> {}
    }
  }

  private void keepAlive(long now) {
    if (ask.stream() && now - lastComment >= gateway.config().holdComment().toNanos()) {
      lastComment = now;
      reply.comment();
    }
  }

  private void stalled(Attempt attempt) {
    attempt.cancel();
    gateway.metrics().upstreamError(key, GatewayMetrics.STALLED);
    refuse(ApiError.gatewayTimeout("nothing moved for too long"));
  }

  private void refuse(ApiError error) {
    if (!(phase instanceof Ended)) {
      settle(error.status());
      reply.fail(error);
    }
  }

  private void clientLeft() {
    if (phase instanceof Trying(Attempt attempt)) {
      attempt.cancel();
    }
    settle(CLIENT_LEFT);
  }

  private void leaveHold() {
    if (key != null) {
      pool().leave(this);
    }
    if (phase instanceof Waiting(long since)) {
      gateway.metrics().held(key, seconds(System.nanoTime() - since));
    }
  }

  private void leaveLane() {
    if (phase instanceof Trying(Attempt attempt)) {
      pool().release(attempt.lane());
      phase = new Choosing();
    }
  }

  /** The end, however it came: gives back what is taken and counts, once. */
  private void settle(int code) {
    if (phase instanceof Ended) {
      return;
    }
    leaveHold();
    leaveLane();
    phase = new Ended();
    body.release();
    ask = null;
    gateway.metrics().ended(Optional.ofNullable(served), code);
    afterwards.accept(this);
  }

  private Pool pool() {
    return gateway.pools().pool(key);
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
