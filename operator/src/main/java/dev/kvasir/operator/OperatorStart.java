package dev.kvasir.operator;

import dev.kvasir.operator.kube.ResourceWait;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Starts the controllers once the API server answers and has the CRD; until then says what lacks.
 */
@ApplicationScoped
public class OperatorStart {
  private static final Logger LOG = Logger.getLogger(OperatorStart.class);

  private final Operator operator;
  private final KubernetesClient client;
  private final OperatorConfig config;
  private final String version;
  private volatile boolean stopping;
  private volatile boolean started;

  OperatorStart(
      Operator operator,
      KubernetesClient client,
      OperatorConfig config,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.operator = operator;
    this.client = client;
    this.config = config;
    this.version = version;
  }

  void onStart(@Observes StartupEvent event) {
    if (config.role() != Role.OPERATOR) {
      return;
    }
    LOG.infof(
        "the operator %s serves %s of %s",
        version,
        config.namespaces().map(Object::toString).orElse("all namespaces"),
        client.getConfiguration().getMasterUrl());
    Thread.ofPlatform().name("operator-start").start(this::startWhenReady);
  }

  void onStop(@Observes ShutdownEvent event) {
    stopping = true;
    if (started) {
      operator.stop();
    }
  }

  /** Whether the controllers have been started and their informers have synced. */
  public boolean isStarted() {
    return started;
  }

  private void startWhenReady() {
    try {
      if (new ResourceWait(client, config.namespaces()).await(() -> stopping)) {
        operator.start();
        started = true;
        LOG.info("the operator is ready");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.errorf("the operator can't start: %s", e.getMessage());
      Quarkus.asyncExit(1);
    }
  }
}
