package dev.kvasir.operator.gateway;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A replica on a socket of its own that does what a test tells it to, well or badly. */
final class TestingReplica implements AutoCloseable {
  /** Answers one request; returning leaves the connection open, an exception closes it. */
  interface Behaviour {
    void answer(Call call) throws IOException, InterruptedException;
  }

  /** A request, and the ways to answer it. */
  record Call(String target, Map<String, String> headers, String body, Socket socket) {
    void write(String text) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    void json(int status, String body) throws IOException {
      write(
          "HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(status, body.getBytes(StandardCharsets.UTF_8).length, body));
    }

    void streamHead() throws IOException {
      write(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    }

    void event(String data) throws IOException {
      String event = "data: " + data + "\n\n";
      write("%x\r\n%s\r\n".formatted(event.length(), event));
    }

    void streamEnd() throws IOException {
      event("[DONE]");
      write("0\r\n\r\n");
    }

    /** Waits until the other side closes. */
    void awaitClosed() throws IOException {
      while (socket.getInputStream().read() >= 0) {
        // Nothing is expected.
      }
    }
  }

  private final ServerSocket server;
  private final Behaviour behaviour;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch left = new CountDownLatch(1);

  TestingReplica(Behaviour behaviour) {
    this.behaviour = behaviour;
    try {
      server = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  static TestingReplica answering(String text) {
    return new TestingReplica(call -> call.json(200, "{\"from\":\"" + text + "\"}"));
  }

  Endpoint endpoint() {
    return new Endpoint("pod-" + server.getLocalPort(), "127.0.0.1", server.getLocalPort());
  }

  List<Call> calls() {
    return calls;
  }

  /** For behaviours that notice that they have been left. */
  void left() {
    left.countDown();
  }

  boolean wasLeft() throws InterruptedException {
    return left.await(5, TimeUnit.SECONDS);
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
      InputStream in = new BufferedInputStream(client.getInputStream());
      for (String line = line(in); line != null; line = line(in)) {
        Map<String, String> headers = headers(in);
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        Call call = new Call(line, headers, body, client);
        calls.add(call);
        behaviour.answer(call);
      }
    } catch (IOException e) {
      // The test is over, or the behaviour wants it so.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return headers;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
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
