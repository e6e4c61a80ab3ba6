package dev.kvasir.operator.gateway;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** The gateway's settings: properties kvasir.gateway.*, or the environment as KVASIR_GATEWAY_*. */
@ConfigMapping(prefix = "kvasir.gateway")
public interface GatewayConfig {

  @WithDefault("0.0.0.0")
  String host();

  @WithDefault("8000")
  int port();

  /** The largest request. */
  @WithDefault("8388608")
  int maxBodyBytes();

  /** All requests' bodies together, which are kept until an answer has begun. */
  @WithDefault("134217728")
  long maxBufferedBytes();

  /** Open connections of clients. */
  @WithDefault("20000")
  int maxConnections();

  /** Requests under way, held ones included. */
  @WithDefault("10000")
  int maxRequests();

  /** Requests that one deployment's absence may hold. */
  @WithDefault("1024")
  int maxHeld();

  /** How long a request waits for a replica. */
  @WithDefault("5m")
  Duration holdTime();

  /** Between comments that keep a held stream alive. */
  @WithDefault("5s")
  Duration holdComment();

  /** How often a request that a replica took and failed to answer is given to another one. */
  @WithDefault("2")
  int retries();

  /** Generous: a gateway that is short of processor time hears late of a connection. */
  @WithDefault("5s")
  Duration connectTimeout();

  /** For a whole request to arrive. */
  @WithDefault("30s")
  Duration bodyTimeout();

  /** How long neither the replica sends nor the client takes anything before both are let go. */
  @WithDefault("10m")
  Duration stallTimeout();

  /** How long a connection of a client stays open without a request. */
  @WithDefault("75s")
  Duration idleTimeout();

  /** After SIGTERM, for whom the news has not reached yet. */
  @WithDefault("5s")
  Duration drainDelay();

  /** How long streams may go on after SIGTERM. */
  @WithDefault("10m")
  Duration drainTimeout();
}
