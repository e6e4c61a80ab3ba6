package dev.kvasir.runtime.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/** One port: the JDK's HTTP server, a virtual thread for each request. */
final class ApiServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
  private static final int BACKLOG = 1024;

  private final HttpServer server;
  private final Router router;
  private final HttpLimits limits;
  private final ApiKeys keys;
  private final Predicate<String> freePaths;
  private final ServerObserver observer;
  private final OpenCalls open = new OpenCalls();
  private final LongWork longWork = new LongWork();

  ApiServer(
      InetSocketAddress address,
      Router router,
      HttpLimits limits,
      ApiKeys keys,
      Predicate<String> freePaths,
      ServerObserver observer)
      throws IOException {
    HttpLimits.configureJdkServer();
    this.router = router;
    this.limits = limits;
    this.keys = keys;
    this.freePaths = freePaths;
    this.observer = observer;
    this.server = HttpServer.create(address, BACKLOG);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
  }

  void start() {
    server.start();
    open.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) {
    Call call = new Call(exchange, limits, longWork);
    try {
      answer(call);
    } catch (InterruptedException e) {
      call.note("client gone");
    } catch (IOException e) {
      call.note("client gone: " + e.getMessage());
    } finally {
      open.remove(call);
      call.finish();
      log(call);
    }
  }

  private void answer(Call call) throws IOException, InterruptedException {
    try {
      if (!open.add(call)) {
        throw ApiException.tooManyRequests(
            "more than " + limits.maxCalls() + " requests are open: try again later");
      }
      Endpoint endpoint = router.find(call.method(), call.path());
      if (!freePaths.test(call.path())) {
        keys.check(call);
      }
      endpoint.answer(call);
    } catch (ApiException e) {
      refuse(call, e);
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, call.method() + " " + call.path() + " failed, id=" + call.id(), e);
      refuse(call, ApiException.internal("the server failed; its log says why, id " + call.id()));
    }
  }

  /** Nothing can be said any more where the response has begun. */
  private void refuse(Call call, ApiException e) throws IOException {
    if (!freePaths.test(call.path())) {
      observer.rejected(e.code());
    }
    call.note(e.getMessage());
    if (call.status() == 0) {
      call.sendError(e);
    }
  }

  /** Probes and scrapes come every second or two: they are not worth a line. */
  private void log(Call call) {
    boolean dull =
        freePaths.test(call.path()) || (call.status() < 400 && call.method().equals("GET"));
    Level level = dull ? Level.DEBUG : Level.INFO;
    if (LOG.isLoggable(level)) {
      String note = call.note().isEmpty() ? "" : " " + call.note();
      LOG.log(
          level,
          "{0} {1} {2} id={3} ms={4}{5}",
          call.method(),
          call.path(),
          call.status() == 0 ? "-" : String.valueOf(call.status()),
          call.id(),
          String.valueOf(call.ageNanos() / 1_000_000),
          note);
    }
  }

  @Override
  public void close() {
    open.close();
    server.stop(0);
    longWork.close();
  }
}
