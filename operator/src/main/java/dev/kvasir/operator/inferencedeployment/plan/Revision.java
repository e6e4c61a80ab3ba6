package dev.kvasir.operator.inferencedeployment.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import java.util.Map;

/**
 * A rendered pod template with the last valid spec that it was rendered for.
 *
 * @param hash of the spec fields that reach the template
 * @param number grows with every change of the template in use
 */
public record Revision(
    String hash, long number, PodTemplateSpec template, InferenceDeploymentSpec spec) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String TEMPLATE = "template";

  static Revision read(ControllerRevision stored) {
    Map<String, String> annotations = stored.getMetadata().getAnnotations();
    return new Revision(
        stored.getMetadata().getLabels().get(Names.REVISION),
        stored.getRevision(),
        JSON.convertValue(JSON.valueToTree(stored.getData()).get(TEMPLATE), PodTemplateSpec.class),
        readSpec(annotations.get(Names.SPEC)));
  }

  ControllerRevision write(Owner owner) {
    ControllerRevision revision =
        new ControllerRevisionBuilder()
            .withMetadata(owner.metadata(owner.name() + "-" + hash, Map.of(Names.REVISION, hash)))
            .editMetadata()
            .addToAnnotations(Names.SPEC, writeSpec(spec))
            .endMetadata()
            .withRevision(number)
            .build();
    revision.setData(Map.of(TEMPLATE, template));
    return revision;
  }

  Revision with(long newNumber, InferenceDeploymentSpec newSpec) {
    return new Revision(hash, newNumber, template, newSpec);
  }

  private static InferenceDeploymentSpec readSpec(String json) {
    try {
      return JSON.readValue(json, InferenceDeploymentSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a ControllerRevision holds no spec: " + json, e);
    }
  }

  private static String writeSpec(InferenceDeploymentSpec spec) {
    try {
      return JSON.writeValueAsString(spec);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a spec can't be written as JSON", e);
    }
  }
}
