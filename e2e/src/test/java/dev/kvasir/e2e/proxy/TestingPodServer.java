package dev.kvasir.e2e.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A pod that answers every request with three events, each when the test allows it. */
final class TestingPodServer implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
  private final Semaphore events = new Semaphore(0);
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch clientGone = new CountDownLatch(1);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile String lastRequest;

  TestingPodServer() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  int requests() {
    return requests.get();
  }

  void release(int count) {
    events.release(count);
  }

  String lastRequest() {
    return lastRequest;
  }

  boolean clientGone() throws InterruptedException {
    return clientGone(10_000);
  }

  boolean clientGone(long waitMillis) throws InterruptedException {
    return clientGone.await(waitMillis, TimeUnit.MILLISECONDS);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private void serve(Socket client) {
    try (client) {
      var in = new BufferedInputStream(client.getInputStream());
      RequestHead head = RequestHead.read(in).orElseThrow();
      String body = new String(RequestBody.read(head, in), StandardCharsets.UTF_8);
      String target = head.requestLine().replace(" HTTP/1.1", "");
      lastRequest = target + " " + head.value("authorization").orElse(null) + " " + body;
      requests.incrementAndGet();
      Thread.ofVirtual().start(() -> awaitEnd(in));
      answer(client.getOutputStream());
    } catch (IOException | BadRequestException e) {
      // The test is over, or has closed this pod.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(OutputStream out) throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      events.acquire();
      String head =
          i == 0 ? "HTTP/1.1 200 OK\r\nx-test: pod\r\ntransfer-encoding: chunked\r\n\r\n" : "";
      out.write((head + "8\r\nevent " + i + "\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }
    out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private void awaitEnd(BufferedInputStream in) {
    try {
      while (in.read() >= 0) {
        // Nothing is expected.
      }
    } catch (IOException e) {
      // An end as well.
    }
    clientGone.countDown();
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
