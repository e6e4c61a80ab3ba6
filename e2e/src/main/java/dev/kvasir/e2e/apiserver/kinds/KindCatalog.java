package dev.kvasir.e2e.apiserver.kinds;

import dev.kvasir.e2e.apiserver.cel.CelRules;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/** The rules of every kind that has some. */
public final class KindCatalog {
  /** Keeps a definition until its resources are deleted; upstream's own name for it. */
  public static final String DEFINITION_CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

  private final Map<String, KindRules> rules = new HashMap<>();
  private final ResourceType namespaces;
  private final CelRules celRules = new CelRules();

  public KindCatalog(ResourceRegistry registry, Clock clock) {
    namespaces = registry.builtIn("", "v1", "namespaces");
    rules.put("namespaces", new NamespaceRules());
    rules.put("pods", new PodRules());
    rules.put("services", new ServiceRules());
    rules.put("secrets", new SecretRules());
    rules.put("deployments.apps", new DeploymentRules());
    rules.put("replicasets.apps", new ReplicaSetRules());
    rules.put(
        "customresourcedefinitions.apiextensions.k8s.io",
        new DefinitionRules(registry, celRules, clock));
  }

  public KindRules of(ResourceType type) {
    return rules.getOrDefault(type.collection(), KindRules.NONE);
  }

  /** The rules that custom resources are held to. */
  public CelRules rules() {
    return celRules;
  }

  public ResourceType namespaces() {
    return namespaces;
  }
}
