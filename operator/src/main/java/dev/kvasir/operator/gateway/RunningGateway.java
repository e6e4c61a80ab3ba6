package dev.kvasir.operator.gateway;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/** A gateway that serves, on one event loop for each processor. */
final class RunningGateway implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RunningGateway.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final Vertx vertx;
  private final Gateway gateway;
  private final String deployment;
  private final int port;
  private final AtomicBoolean closed = new AtomicBoolean();

  private RunningGateway(Vertx vertx, Gateway gateway, String deployment, int port) {
    this.vertx = vertx;
    this.gateway = gateway;
    this.deployment = deployment;
    this.port = port;
  }

  static RunningGateway start(Vertx vertx, Gateway gateway) {
    GatewayServer[] last = new GatewayServer[1];
    Future<String> deployed =
        vertx.deployVerticle(
            () -> last[0] = new GatewayServer(gateway),
            new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()));
    try {
      String id = deployed.toCompletionStage().toCompletableFuture().get();
      return new RunningGateway(vertx, gateway, id, last[0].port());
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "can't listen on %s, port %d: %s"
              .formatted(
                  gateway.config().host(), gateway.config().port(), e.getCause().getMessage()),
          e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the gateway started", e);
    }
  }

  int port() {
    return port;
  }

  /** Lets streams end, up to the limit, and closes. */
  void drain() {
    gateway.drain().begin();
    LOG.infof("draining: %d requests are under way", gateway.requests());
    long deadline = System.nanoTime() + gateway.config().drainTimeout().toNanos();
    while (System.nanoTime() < deadline
        && !(gateway.drain().isRefusing() && gateway.requests() == 0)) {
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
    int cut = gateway.requests();
    if (cut > 0) {
      LOG.warnf("%d requests were cut: they took longer than the drain may", cut);
    } else {
      LOG.info("drained");
    }
    close();
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      vertx
          .undeploy(deployment)
          .toCompletionStage()
          .toCompletableFuture()
          .get(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warnf("closing the gateway: %s", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
