package dev.kvasir.e2e.apiserver.resource;

import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.model.ResourceType.Names;
import dev.kvasir.e2e.apiserver.model.ResourceType.ScalePaths;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The kinds that a cluster of this project needs, in the order of discovery. */
final class BuiltIns {
  private static final String ALL = "all";
  private static final ScalePaths WORKLOAD_SCALE =
      new ScalePaths("spec.replicas", "status.replicas", "spec.selector");

  private final ModelSchemas schemas;

  BuiltIns(ModelSchemas schemas) {
    this.schemas = schemas;
  }

  List<ResourceType> types() {
    return List.of(
            namespaced(ConfigMap.class, "configmaps", "cm"),
            namespaced(Endpoints.class, "endpoints", "ep"),
            namespaced(Event.class, "events", "ev"),
            cluster(Namespace.class, "namespaces", "ns").with("status", "finalize"),
            cluster(Node.class, "nodes", "no").with("status"),
            namespaced(PersistentVolumeClaim.class, "persistentvolumeclaims", "pvc").with("status"),
            namespaced(Pod.class, "pods", "po")
                .in(ALL)
                .with("status", "binding", "eviction", "log"),
            namespaced(Secret.class, "secrets"),
            namespaced(ServiceAccount.class, "serviceaccounts", "sa"),
            namespaced(Service.class, "services", "svc").in(ALL).with("status"),
            namespaced(ControllerRevision.class, "controllerrevisions"),
            namespaced(Deployment.class, "deployments", "deploy").in(ALL).scaled(),
            namespaced(ReplicaSet.class, "replicasets", "rs").in(ALL).scaled(),
            namespaced(Lease.class, "leases"),
            namespaced(EndpointSlice.class, "endpointslices"),
            namespaced(io.fabric8.kubernetes.api.model.events.v1.Event.class, "events", "ev"),
            namespaced(NetworkPolicy.class, "networkpolicies", "netpol"),
            namespaced(PodDisruptionBudget.class, "poddisruptionbudgets", "pdb").with("status"),
            cluster(ClusterRoleBinding.class, "clusterrolebindings"),
            cluster(ClusterRole.class, "clusterroles"),
            namespaced(RoleBinding.class, "rolebindings"),
            namespaced(Role.class, "roles"),
            cluster(CustomResourceDefinition.class, "customresourcedefinitions", "crd", "crds")
                .in("api-extensions")
                .with("status"))
        .stream()
        .map(Draft::type)
        .toList();
  }

  private Draft namespaced(Class<? extends HasMetadata> model, String plural, String... shorts) {
    return new Draft(
        schemas, model, plural, List.of(shorts), true, List.of(), Set.of(), Optional.empty());
  }

  private Draft cluster(Class<? extends HasMetadata> model, String plural, String... shorts) {
    return new Draft(
        schemas, model, plural, List.of(shorts), false, List.of(), Set.of(), Optional.empty());
  }

  private record Draft(
      ModelSchemas schemas,
      Class<? extends HasMetadata> model,
      String plural,
      List<String> shortNames,
      boolean namespaced,
      List<String> categories,
      Set<String> subresources,
      Optional<ScalePaths> scale) {
    Draft in(String... names) {
      return new Draft(
          schemas, model, plural, shortNames, namespaced, List.of(names), subresources, scale);
    }

    Draft with(String... names) {
      return new Draft(
          schemas, model, plural, shortNames, namespaced, categories, Set.of(names), scale);
    }

    Draft scaled() {
      return new Draft(
          schemas,
          model,
          plural,
          shortNames,
          namespaced,
          categories,
          Set.of("status", "scale"),
          Optional.of(WORKLOAD_SCALE));
    }

    ResourceType type() {
      String kind = HasMetadata.getKind(model);
      String singular = HasMetadata.getSingular(model);
      return new ResourceType(
          HasMetadata.getGroup(model),
          HasMetadata.getVersion(model),
          kind,
          new Names(plural, singular, shortNames, categories),
          namespaced,
          false,
          subresources,
          scale,
          schemas.of(model),
          List.of());
    }
  }
}
