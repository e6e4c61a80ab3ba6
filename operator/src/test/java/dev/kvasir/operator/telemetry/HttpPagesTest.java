package dev.kvasir.operator.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpPagesTest {
  private static final Duration TIMEOUT = Duration.ofMillis(300);

  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpPages pages = new HttpPages(TIMEOUT, 1000);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    pages.close();
    threads.close();
  }

  private URI serve(int status, byte[] first, boolean hangs) {
    server.createContext(
        "/metrics",
        exchange -> {
          exchange.sendResponseHeaders(status, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            body.write(first);
            body.flush();
            if (hangs) {
              end.await();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
  }

  @Test
  void readsAPage() throws Exception {
    assertEquals("a 1\n", pages.read(serve(200, "a 1\n".getBytes(UTF_8), false)));
  }

  @Test
  void aPageThatIsTooLongIsRefused() {
    assertThrows(IOException.class, () -> pages.read(serve(200, new byte[2000], false)));
  }

  @Test
  void aBodyThatNeverEndsIsGivenUp() {
    long start = System.nanoTime();
    IOException failure =
        assertThrows(IOException.class, () -> pages.read(serve(200, new byte[10], true)));
    assertTrue(failure.getMessage().contains("within 300 ms"), failure.getMessage());
    assertTrue(System.nanoTime() - start < TIMEOUT.multipliedBy(10).toNanos());
  }

  @Test
  void anErrorIsNoPage() {
    IOException failure =
        assertThrows(IOException.class, () -> pages.read(serve(503, new byte[0], false)));
    assertTrue(failure.getMessage().endsWith("answers 503"), failure.getMessage());
  }

  @Test
  void nobodyThereIsSaid() {
    URI nobody = URI.create("http://127.0.0.1:1/metrics");
    assertThrows(IOException.class, () -> pages.read(nobody));
  }
}
