package dev.kvasir.operator.gateway;

import dev.kvasir.operator.OperatorConfig;
import dev.kvasir.operator.Role;
import dev.kvasir.operator.kube.ResourceWait;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Starts the gateway where that is this process' role, and lets its streams end before it does. */
@ApplicationScoped
public class GatewayStart {
  private static final Logger LOG = Logger.getLogger(GatewayStart.class);

  private final OperatorConfig operatorConfig;
  private final GatewayConfig config;
  private final KubernetesClient client;
  private final Vertx vertx;
  private final String version;
  private volatile boolean stopping;
  private RunningGateway running;
  private CatalogWatch watch;

  GatewayStart(
      OperatorConfig operatorConfig,
      GatewayConfig config,
      KubernetesClient client,
      Vertx vertx,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.operatorConfig = operatorConfig;
    this.config = config;
    this.client = client;
    this.vertx = vertx;
    this.version = version;
  }

  void onStart(@Observes StartupEvent event) {
    if (operatorConfig.role() == Role.GATEWAY) {
      Pools pools = new Pools(config.maxHeld());
      running = RunningGateway.start(vertx, new Gateway(config, pools, version));
      LOG.infof("the gateway %s listens on %s, port %d", version, config.host(), running.port());
      watch = new CatalogWatch(client, operatorConfig.namespaces(), pools::update);
      Thread.ofPlatform().daemon().name("gateway-start").start(this::watchWhenReady);
    }
  }

  private void watchWhenReady() {
    try {
      if (new ResourceWait(client, operatorConfig.namespaces()).await(() -> stopping)) {
        watch.start();
        LOG.info("the gateway is ready");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.errorf("the gateway can't start: %s", e.getMessage());
      Quarkus.asyncExit(1);
    }
  }

  void onStop(@Observes ShutdownEvent event) {
    stopping = true;
    if (running != null) {
      running.drain();
      watch.close();
    }
  }
}
