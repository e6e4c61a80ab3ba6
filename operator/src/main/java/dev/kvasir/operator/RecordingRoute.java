package dev.kvasir.operator;

import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.RecordedRound;
import dev.kvasir.operator.telemetry.RecordingFormat;
import dev.kvasir.operator.telemetry.Recordings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.function.Consumer;

/** Streams what the scaler of one deployment is given, a line a round, until the client leaves. */
@ApplicationScoped
public class RecordingRoute {
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY = 429;

  private final FleetTelemetry telemetry;

  RecordingRoute(FleetTelemetry telemetry) {
    this.telemetry = telemetry;
  }

  void register(@Observes Router router) {
    router.get("/telemetry/:namespace/:name").handler(this::serve);
  }

  private void serve(RoutingContext request) {
    DeploymentKey key =
        new DeploymentKey(request.pathParam("namespace"), request.pathParam("name"));
    if (telemetry.view(key).isEmpty()) {
      refuse(
          request,
          NOT_FOUND,
          "this operator reads no pods of an InferenceDeployment %s; only the leader reads any"
              .formatted(key));
      return;
    }
    Consumer<RecordedRound> listener = listener(request);
    if (!telemetry.recordings().add(key, listener)) {
      refuse(
          request,
          TOO_MANY,
          "%d recordings run already; end one of them".formatted(Recordings.MOST));
      return;
    }
    request.response().closeHandler(closed -> telemetry.recordings().remove(listener));
    request
        .response()
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/x-ndjson")
        .writeHead();
  }

  private Consumer<RecordedRound> listener(RoutingContext request) {
    HttpServerResponse response = request.response();
    return round -> {
      if (response.writeQueueFull()) {
        // Who reads too slowly would take memory.
        response.reset();
      } else {
        var _ = response.write(RecordingFormat.write(round) + "\n");
      }
    };
  }

  private static void refuse(RoutingContext request, int status, String why) {
    request
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; charset=utf-8")
        .end(why + "\n");
  }
}
