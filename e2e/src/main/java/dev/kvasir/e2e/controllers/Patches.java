package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The writes of the controllers; each names the object's uid, so that a successor of the same name
 * is left alone.
 */
record Patches(KubernetesClient client) {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  void status(HasMetadata object, Object status) {
    var patch = Map.of("metadata", uid(object), "status", status);
    var _ = client.resource(object).subresource("status").patch(MERGE, Serialization.asJson(patch));
  }

  void spec(HasMetadata object, Map<String, ?> spec) {
    var patch = Map.of("metadata", uid(object), "spec", spec);
    var _ = client.resource(object).patch(MERGE, Serialization.asJson(patch));
  }

  void annotations(HasMetadata object, Map<String, String> annotations) {
    var patch =
        Map.of(
            "metadata", Map.of("uid", object.getMetadata().getUid(), "annotations", annotations));
    var _ = client.resource(object).patch(MERGE, Serialization.asJson(patch));
  }

  void adopt(HasMetadata object, HasMetadata owner) {
    var references = new ArrayList<>(object.getMetadata().getOwnerReferences());
    references.add(Owners.reference(owner));
    owners(object, references);
  }

  void owners(HasMetadata object, List<OwnerReference> references) {
    var patch =
        Map.of(
            "metadata",
            Map.of("uid", object.getMetadata().getUid(), "ownerReferences", references));
    var _ = client.resource(object).patch(MERGE, Serialization.asJson(patch));
  }

  void finalizers(HasMetadata object, List<String> finalizers) {
    var patch =
        Map.of("metadata", Map.of("uid", object.getMetadata().getUid(), "finalizers", finalizers));
    var _ = client.resource(object).patch(MERGE, Serialization.asJson(patch));
  }

  void delete(HasMetadata object) {
    try {
      var _ = client.resource(object).delete();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }

  private static Map<String, String> uid(HasMetadata object) {
    return Map.of("uid", object.getMetadata().getUid());
  }
}
