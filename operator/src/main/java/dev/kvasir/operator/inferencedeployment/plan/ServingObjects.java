package dev.kvasir.operator.inferencedeployment.plan;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objects around the pods of a deployment. */
final class ServingObjects {
  private ServingObjects() {}

  static Service service(Owner owner) {
    return new ServiceBuilder()
        .withMetadata(owner.metadata(owner.name(), Map.of()))
        .withNewSpec()
        .withType("ClusterIP")
        .withSelector(Names.podSelector(owner.name()))
        .addToSelector(Names.SERVING, "true")
        .addNewPort()
        .withName(Names.HTTP_PORT_NAME)
        .withPort(Names.HTTP_PORT)
        .withNewTargetPort(Names.HTTP_PORT_NAME)
        .withProtocol("TCP")
        .withAppProtocol("http")
        .endPort()
        .endSpec()
        .build();
  }

  /** Nodes are drained one pod at a time; a pod that doesn't serve holds no node back. */
  static PodDisruptionBudget disruptionBudget(Owner owner) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(owner.metadata(owner.name(), Map.of()))
        .withNewSpec()
        .withNewMaxUnavailable(1)
        .withUnhealthyPodEvictionPolicy("AlwaysAllow")
        .withNewSelector()
        .withMatchLabels(Names.podSelector(owner.name()))
        .endSelector()
        .endSpec()
        .build();
  }

  /** Anyone may ask the model; only the operator may tell a pod to drain. */
  static NetworkPolicy networkPolicy(Owner owner, Optional<String> operatorNamespace) {
    List<NetworkPolicyIngressRule> ingress = new ArrayList<>();
    ingress.add(
        new NetworkPolicyIngressRuleBuilder()
            .addNewPort()
            .withProtocol("TCP")
            .withNewPort(Names.HTTP_PORT_NAME)
            .endPort()
            .build());
    operatorNamespace.ifPresent(namespace -> ingress.add(adminFrom(namespace)));
    return new NetworkPolicyBuilder()
        .withMetadata(owner.metadata(owner.name(), Map.of()))
        .withNewSpec()
        .withNewPodSelector()
        .withMatchLabels(Names.podSelector(owner.name()))
        .endPodSelector()
        .withPolicyTypes("Ingress")
        .withIngress(ingress)
        .endSpec()
        .build();
  }

  private static NetworkPolicyIngressRule adminFrom(String operatorNamespace) {
    return new NetworkPolicyIngressRuleBuilder()
        .addNewFrom()
        .withNewNamespaceSelector()
        .addToMatchLabels("kubernetes.io/metadata.name", operatorNamespace)
        .endNamespaceSelector()
        .withNewPodSelector()
        .addToMatchLabels(Names.APP_NAME, Names.FIELD_MANAGER)
        .endPodSelector()
        .endFrom()
        .addNewPort()
        .withProtocol("TCP")
        .withNewPort(Names.ADMIN_PORT_NAME)
        .endPort()
        .build();
  }

  static Deployment deployment(Owner owner, RolloutBounds bounds, Revision revision, int replicas) {
    return new DeploymentBuilder()
        .withMetadata(owner.metadata(owner.name(), Map.of()))
        .withNewSpec()
        .withReplicas(replicas)
        .withNewSelector()
        .withMatchLabels(Names.podSelector(owner.name()))
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxSurge(bounds.maxSurge())
        .withMaxUnavailable(bounds.maxUnavailable())
        .endRollingUpdate()
        .endStrategy()
        .withRevisionHistoryLimit(2)
        .withProgressDeadlineSeconds(PodTemplate.STARTUP_SECONDS + 60)
        .withTemplate(revision.template())
        .endSpec()
        .build();
  }
}
