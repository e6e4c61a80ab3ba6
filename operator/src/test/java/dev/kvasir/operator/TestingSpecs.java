package dev.kvasir.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;

/** Specs and resources from short YAML. */
public final class TestingSpecs {
  private static final YAMLMapper YAML = new YAMLMapper();

  private TestingSpecs() {}

  public static InferenceDeploymentSpec spec(String yaml) {
    try {
      return YAML.readValue(yaml, InferenceDeploymentSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(yaml, e);
    }
  }

  /** A resource as the API server would hand it out: with a uid and a generation. */
  public static InferenceDeployment resource(String name, String specYaml) {
    InferenceDeployment resource = new InferenceDeployment();
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("models")
            .withName(name)
            .withUid("uid-of-" + name)
            .withGeneration(1L)
            .build());
    resource.setSpec(spec(specYaml));
    return resource;
  }
}
