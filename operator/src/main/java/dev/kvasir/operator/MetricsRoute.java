package dev.kvasir.operator;

import io.prometheus.client.exporter.common.TextFormat;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** Serves the operator's metrics in Prometheus' text format. */
@ApplicationScoped
public class MetricsRoute {
  private final OperatorMetrics metrics;

  MetricsRoute(OperatorMetrics metrics) {
    this.metrics = metrics;
  }

  void register(@Observes Router router) {
    router.get("/metrics").blockingHandler(this::serve);
  }

  private void serve(RoutingContext request) {
    String format = TextFormat.chooseContentType(request.request().getHeader(HttpHeaders.ACCEPT));
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, format).end(text(format));
  }

  private String text(String format) {
    StringWriter text = new StringWriter();
    try {
      TextFormat.writeFormat(format, text, metrics.registry().metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
