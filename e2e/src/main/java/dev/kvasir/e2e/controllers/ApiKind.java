package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/** A kind of object that the API server has, with what it takes to ask for it. */
record ApiKind(String apiVersion, String kind, String plural, boolean namespaced) {
  static ApiKind of(String apiVersion, APIResource resource) {
    return new ApiKind(
        apiVersion, resource.getKind(), resource.getName(), resource.getNamespaced());
  }

  MixedOperation<
          GenericKubernetesResource,
          GenericKubernetesResourceList,
          Resource<GenericKubernetesResource>>
      in(KubernetesClient client) {
    int slash = apiVersion.indexOf('/');
    return client.genericKubernetesResources(
        new ResourceDefinitionContext.Builder()
            .withGroup(slash < 0 ? "" : apiVersion.substring(0, slash))
            .withVersion(apiVersion.substring(slash + 1))
            .withKind(kind)
            .withPlural(plural)
            .withNamespaced(namespaced)
            .build());
  }

  Resource<GenericKubernetesResource> find(KubernetesClient client, String namespace, String name) {
    var operation = in(client);
    return namespaced ? operation.inNamespace(namespace).withName(name) : operation.withName(name);
  }
}
