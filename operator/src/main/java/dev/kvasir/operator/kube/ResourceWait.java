package dev.kvasir.operator.kube;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** Waits until the API server answers and has the CRD; until then says what lacks. */
public final class ResourceWait {
  private static final Logger LOG = Logger.getLogger(ResourceWait.class);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final int NOT_FOUND = 404;

  private final KubernetesClient client;
  private final Optional<List<String>> namespaces;

  public ResourceWait(KubernetesClient client, Optional<List<String>> namespaces) {
    this.client = client;
    this.namespaces = namespaces;
  }

  /** Returns false where it was given up. */
  public boolean await(BooleanSupplier givenUp) throws InterruptedException {
    String said = "";
    while (!givenUp.getAsBoolean()) {
      Optional<String> lacking = lacking();
      if (lacking.isEmpty()) {
        return !givenUp.getAsBoolean();
      }
      if (!lacking.get().equals(said)) {
        said = lacking.get();
        LOG.warnf("waiting: %s", said);
      }
      Thread.sleep(LOOK_EVERY);
    }
    return false;
  }

  private Optional<String> lacking() {
    ListOptions one = new ListOptionsBuilder().withLimit(1L).build();
    try {
      var resources = client.resources(InferenceDeployment.class);
      if (namespaces.isPresent()) {
        resources.inNamespace(namespaces.get().getFirst()).list(one);
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
