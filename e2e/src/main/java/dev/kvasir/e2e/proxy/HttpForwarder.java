package dev.kvasir.e2e.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Serves one client connection: one request, passed to a pod, and its response byte by byte as it
 * comes. The connection is then closed, so that the next request is free to go elsewhere. A client
 * that closes ends the pod's request at once.
 */
final class HttpForwarder {
  private static final int ATTEMPTS = 2;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(60);

  private final Backends backends;
  private final String service;

  HttpForwarder(Backends backends, String service) {
    this.backends = backends;
    this.service = service;
  }

  void serve(Socket client) throws IOException {
    client.setTcpNoDelay(true);
    client.setSoTimeout((int) REQUEST_TIMEOUT.toMillis());
    var in = new BufferedInputStream(client.getInputStream());
    try {
      Optional<RequestHead> head = RequestHead.read(in);
      if (head.isEmpty()) {
        return;
      }
      continueIfExpected(head.get(), client.getOutputStream());
      byte[] body = RequestBody.read(head.get(), in);
      client.setSoTimeout(0);
      forward(
          client,
          in,
          head.get().forwarded(body.length, client.getInetAddress().getHostAddress()),
          body);
    } catch (BadRequestException e) {
      ErrorResponse.invalidRequest(e.status(), e.getMessage()).send(client);
    }
  }

  private static void continueIfExpected(RequestHead head, OutputStream out) throws IOException {
    if (head.value("expect").map("100-continue"::equalsIgnoreCase).orElse(false)) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private void forward(Socket client, InputStream in, byte[] head, byte[] body) throws IOException {
    var watch = ClientWatch.start(in);
    Set<Backend> tried = new HashSet<>();
    for (int attempt = 0; attempt < ATTEMPTS && !watch.clientIsGone(); attempt++) {
      Optional<Backend> backend = backends.acquire(tried);
      if (backend.isEmpty()) {
        break;
      }
      tried.add(backend.get());
      try {
        if (exchange(backend.get(), client, watch, head, body)) {
          return;
        }
      } finally {
        backends.release(backend.get());
      }
    }
    ErrorResponse.unavailable(noBackend(!tried.isEmpty())).send(client);
  }

  private String noBackend(boolean tried) {
    return tried
        ? "The pods of service " + service + " could not be reached. Try again shortly."
        : "Service " + service + " has no ready pod. Try again shortly.";
  }

  /** Whether the client got something; if not, another pod may be asked. */
  private static boolean exchange(
      Backend backend, Socket client, ClientWatch watch, byte[] head, byte[] body)
      throws IOException {
    try (var pod = new Socket()) {
      watch.closeWithClient(pod);
      int first = request(backend, pod, head, body);
      if (first < 0) {
        return false;
      }
      copy(first, pod.getInputStream(), client.getOutputStream());
      return true;
    }
  }

  /** The first byte of the response, or -1 where the pod gave none. */
  private static int request(Backend backend, Socket pod, byte[] head, byte[] body) {
    try {
      pod.setTcpNoDelay(true);
      pod.connect(
          new InetSocketAddress(backend.address(), backend.port()),
          (int) CONNECT_TIMEOUT.toMillis());
      pod.getOutputStream().write(head);
      pod.getOutputStream().write(body);
      return pod.getInputStream().read();
    } catch (IOException e) {
      return -1;
    }
  }

  private static void copy(int first, InputStream from, OutputStream to) throws IOException {
    to.write(ResponseHead.closing(first, from));
    byte[] buffer = new byte[16 * 1024];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      to.write(buffer, 0, n);
    }
  }
}
