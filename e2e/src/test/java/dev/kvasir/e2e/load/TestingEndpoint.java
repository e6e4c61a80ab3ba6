package dev.kvasir.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An endpoint whose streams are as good or as bad as a test wants them. */
final class TestingEndpoint implements AutoCloseable {
  /** Writes the events of one answer. */
  interface Behaviour {
    void answer(Answer answer) throws IOException, InterruptedException;
  }

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final HttpServer server;
  private volatile JsonNode lastBody;

  TestingEndpoint(Behaviour behaviour) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1000);
    server.setExecutor(threads);
    server.createContext("/", exchange -> serve(exchange, behaviour));
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
  }

  JsonNode lastBody() {
    return lastBody;
  }

  private void serve(HttpExchange exchange, Behaviour behaviour) throws IOException {
    try (exchange) {
      lastBody = new JsonMapper().readTree(exchange.getRequestBody().readAllBytes());
      int number = requests.incrementAndGet();
      behaviour.answer(new Answer(exchange, number, lastBody.path("max_tokens").asInt()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** One answer, in pieces. */
  record Answer(HttpExchange exchange, int number, int maxTokens) {
    void refuse(int status, String body) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }

    void head() throws IOException {
      head(0);
    }

    /** Promises so many bytes, or, with 0, chunks. */
    void head(long length) throws IOException {
      exchange.getResponseHeaders().set("content-type", "text/event-stream");
      exchange.sendResponseHeaders(200, length);
    }

    void write(String text) throws IOException {
      OutputStream out = exchange.getResponseBody();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    void token() throws IOException {
      write(
          "data: {\"id\":\"r%d\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" x\"},\"token_ids\":[7],\"finish_reason\":null}]}\n\n"
              .formatted(number));
    }

    void tokens(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        token();
      }
    }

    void finish() throws IOException {
      write(
          "data: {\"id\":\"r%d\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
              .formatted(number));
    }

    void usage(int tokens) throws IOException {
      write(
          "data: {\"id\":\"r%d\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":%d}}\n\n"
              .formatted(number, tokens));
    }

    void done() throws IOException {
      write("data: [DONE]\n\n");
    }

    /** Everything as it should be. */
    void whole() throws IOException {
      head();
      tokens(maxTokens);
      finish();
      usage(maxTokens);
      done();
    }
  }
}
