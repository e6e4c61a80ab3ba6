package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;

/** The InferenceDeployment that everything in a plan belongs to. */
public record Owner(String namespace, String name, String uid) {

  public static Owner of(InferenceDeployment resource) {
    ObjectMeta metadata = resource.getMetadata();
    return new Owner(metadata.getNamespace(), metadata.getName(), metadata.getUid());
  }

  /** Metadata of an object of this owner: labels, and the reference that has it collected. */
  public ObjectMeta metadata(String objectName, Map<String, String> moreLabels) {
    return new ObjectMetaBuilder()
        .withNamespace(namespace)
        .withName(objectName)
        .withLabels(Names.labels(name))
        .addToLabels(moreLabels)
        .withOwnerReferences(reference())
        .build();
  }

  private OwnerReference reference() {
    return new OwnerReferenceBuilder()
        .withApiVersion(InferenceDeployment.GROUP + "/" + InferenceDeployment.VERSION)
        .withKind(InferenceDeployment.KIND)
        .withName(name)
        .withUid(uid)
        .withController(true)
        .withBlockOwnerDeletion(true)
        .build();
  }
}
