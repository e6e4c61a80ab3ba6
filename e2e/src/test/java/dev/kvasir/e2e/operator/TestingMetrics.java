package dev.kvasir.e2e.operator;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** What a runtime would say at the address that {@link TestingNode} gives every pod. */
record TestingMetrics(HttpServer server) implements AutoCloseable {

  static TestingMetrics ofARuntimeOn(String card) throws IOException {
    byte[] page =
        """
        kvasir_build_info{version="1",commit="c",device="cuda",} 1.0
        vllm:num_requests_running{model_name="m",engine="0",} 0.0
        vllm:num_requests_waiting{model_name="m",engine="0",} 0.0
        vllm:kv_cache_usage_perc{model_name="m",engine="0",} 0.0
        kvasir_device_info{name="%s",memory_bytes="85520809984",driver="CUDA 13.0",} 1.0
        kvasir_device_memory_bytes{use="weights",} 1.6106127360E10
        kvasir_device_memory_bytes{use="kv",} 6.0129542144E10
        """
            .formatted(card)
            .getBytes(StandardCharsets.UTF_8);
    HttpServer server = HttpServer.create(new InetSocketAddress(TestingNode.POD_IP, 8000), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          exchange.sendResponseHeaders(200, page.length);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(page);
          }
        });
    server.start();
    return new TestingMetrics(server);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
