package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/** Finds the kinds of objects that can own and be owned. */
record ApiKinds(KubernetesClient client) {
  List<ApiKind> discover() {
    var kinds = new ArrayList<ApiKind>(resources("v1"));
    for (APIGroup group : client.getApiGroups().getGroups()) {
      kinds.addAll(resources(group.getPreferredVersion().getGroupVersion()));
    }
    return kinds;
  }

  /** Events own nothing and are many: the real collector leaves them out as well. */
  private List<ApiKind> resources(String apiVersion) {
    APIResourceList list = client.getApiResources(apiVersion);
    if (list == null) {
      return List.of();
    }
    return list.getResources().stream()
        .filter(
            resource -> !resource.getName().contains("/") && !resource.getKind().equals("Event"))
        .filter(ApiKinds::isCollectable)
        .map(resource -> ApiKind.of(apiVersion, resource))
        .toList();
  }

  private static boolean isCollectable(APIResource resource) {
    return resource.getVerbs().containsAll(List.of("delete", "list", "watch"));
  }
}
