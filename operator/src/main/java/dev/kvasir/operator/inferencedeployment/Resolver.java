package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.ApiKeysSecretRef;
import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.Resolution.MissingReference;
import dev.kvasir.operator.inferencedeployment.plan.SpecValidator;
import dev.kvasir.operator.inferencedeployment.status.Reason;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Optional;

/** The second step: turns what the spec names into things that are there, or into reasons. */
final class Resolver {

  /** Where Secrets are looked up. */
  @FunctionalInterface
  interface Secrets {
    Optional<Secret> find(String namespace, String name);
  }

  private final Secrets secrets;

  Resolver(Secrets secrets) {
    this.secrets = secrets;
  }

  Resolution resolve(ObservedState observed) {
    InferenceDeployment resource = observed.resource();
    List<String> problems =
        SpecValidator.problems(resource.getMetadata().getName(), resource.getSpec());
    if (!problems.isEmpty()) {
      return new Resolution(problems, List.of());
    }
    ApiKeysSecretRef keys = resource.getSpec().access().apiKeysSecretRef();
    return new Resolution(
        List.of(),
        Optional.ofNullable(keys)
            .flatMap(reference -> missing(resource.getMetadata().getNamespace(), reference))
            .stream()
            .toList());
  }

  private Optional<MissingReference> missing(String namespace, ApiKeysSecretRef reference) {
    Optional<Secret> secret = secrets.find(namespace, reference.name());
    if (secret.isEmpty()) {
      return Optional.of(
          new MissingReference(
              Reason.SECRET_NOT_FOUND,
              "spec.access.apiKeysSecretRef names the Secret %s, which is not in namespace %s"
                  .formatted(reference.name(), namespace)));
    }
    if (secret.get().getData() == null || !secret.get().getData().containsKey(reference.key())) {
      return Optional.of(
          new MissingReference(
              Reason.SECRET_KEY_NOT_FOUND,
              "spec.access.apiKeysSecretRef names the key %s, which the Secret %s does not have"
                  .formatted(reference.key(), reference.name())));
    }
    return Optional.empty();
  }
}
