package dev.kvasir.operator;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Starts the controllers once the API server answers and has the CRD; until then says what lacks.
 */
@ApplicationScoped
public class OperatorStart {
  private static final Logger LOG = Logger.getLogger(OperatorStart.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int NOT_FOUND = 404;

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
      waitForResource();
      if (!stopping) {
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

  private void waitForResource() throws InterruptedException {
    String said = "";
    while (!stopping) {
      Optional<String> lacking = lacking();
      if (lacking.isEmpty()) {
        return;
      }
      if (!lacking.get().equals(said)) {
        said = lacking.get();
        LOG.warnf("waiting: %s", said);
      }
      Thread.sleep(LOOK_EVERY);
    }
  }

  private Optional<String> lacking() {
    ListOptions one = new ListOptionsBuilder().withLimit(1L).build();
    try {
      var resources = client.resources(InferenceDeployment.class);
      if (config.namespaces().isPresent()) {
        resources.inNamespace(config.namespaces().get().getFirst()).list(one);
      } else {
        resources.inAnyNamespace().list(one);
      }
      return Optional.empty();
    } catch (KubernetesClientException e) {
      return Optional.of(explain(e));
    }
  }

  private String explain(KubernetesClientException e) {
    if (e.getCode() == NOT_FOUND) {
      return "the CustomResourceDefinition "
          + HasMetadata.getFullResourceName(InferenceDeployment.class)
          + " is not installed; apply the chart's or manifests/install.yaml";
    }
    if (e.getCode() <= 0) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return "the API server at %s does not answer: %s"
          .formatted(client.getConfiguration().getMasterUrl(), cause.getMessage());
    }
    return "InferenceDeployments can't be listed: " + e.getMessage();
  }
}
