package dev.kvasir.operator.gateway;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What all event loops of a gateway share. */
final class Gateway {
  private final GatewayConfig config;
  private final Pools pools;
  private final GatewayMetrics metrics;
  private final Drain drain;
  private final ByteBudget bodies;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();

  Gateway(GatewayConfig config, Pools pools, String version) {
    this.config = config;
    this.pools = pools;
    this.drain = new Drain(config.drainDelay());
    this.bodies = new ByteBudget(config.maxBufferedBytes());
    this.metrics = new GatewayMetrics(this, version);
  }

  GatewayConfig config() {
    return config;
  }

  Pools pools() {
    return pools;
  }

  GatewayMetrics metrics() {
    return metrics;
  }

  Drain drain() {
    return drain;
  }

  ByteBudget bodies() {
    return bodies;
  }

  int requests() {
    return requests.get();
  }

  int connections() {
    return connections.get();
  }

  /** Lets a request in, which must {@link #leave}, or says why not. */
  Optional<ApiError> enter() {
    if (drain.isRefusing()) {
      return Optional.of(
          ApiError.unavailable("draining", 1, "this gateway is going away: try again"));
    }
    if (!pools.isKnown()) {
      return Optional.of(
          ApiError.unavailable("starting", 2, "the gateway does not know the cluster yet"));
    }
    if (requests.incrementAndGet() > config.maxRequests()) {
      requests.decrementAndGet();
      return Optional.of(
          ApiError.unavailable(
              "gateway_full", 2, "the gateway has %d requests".formatted(config.maxRequests())));
    }
    return Optional.empty();
  }

  void leave() {
    requests.decrementAndGet();
  }

  boolean connect() {
    if (connections.incrementAndGet() <= config.maxConnections()) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  void disconnect() {
    connections.decrementAndGet();
  }
}
