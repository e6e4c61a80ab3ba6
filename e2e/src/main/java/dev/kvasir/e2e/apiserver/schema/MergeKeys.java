package dev.kvasir.e2e.apiserver.schema;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the lists and maps of the built-in kinds merge: what upstream's types say in their tags, for
 * the fields that are not atomic lists and granular maps.
 */
final class MergeKeys {
  /** The keys of a list's items; a strategic merge uses the first. */
  private static final Map<String, List<String>> LISTS =
      Map.ofEntries(
          Map.entry("ObjectMeta.ownerReferences", List.of("uid")),
          Map.entry("PodSpec.containers", List.of("name")),
          Map.entry("PodSpec.initContainers", List.of("name")),
          Map.entry("PodSpec.ephemeralContainers", List.of("name")),
          Map.entry("PodSpec.volumes", List.of("name")),
          Map.entry("PodSpec.imagePullSecrets", List.of("name")),
          Map.entry("PodSpec.hostAliases", List.of("ip")),
          Map.entry("PodSpec.schedulingGates", List.of("name")),
          Map.entry("PodSpec.resourceClaims", List.of("name")),
          Map.entry(
              "PodSpec.topologySpreadConstraints", List.of("topologyKey", "whenUnsatisfiable")),
          Map.entry("Container.env", List.of("name")),
          Map.entry("Container.ports", List.of("containerPort", "protocol")),
          Map.entry("Container.volumeMounts", List.of("mountPath")),
          Map.entry("Container.volumeDevices", List.of("devicePath")),
          Map.entry("EphemeralContainer.env", List.of("name")),
          Map.entry("EphemeralContainer.ports", List.of("containerPort", "protocol")),
          Map.entry("EphemeralContainer.volumeMounts", List.of("mountPath")),
          Map.entry("ResourceRequirements.claims", List.of("name")),
          Map.entry("PodStatus.podIPs", List.of("ip")),
          Map.entry("ServiceSpec.ports", List.of("port", "protocol")),
          Map.entry("NodeStatus.addresses", List.of("type")),
          Map.entry("ServiceAccount.secrets", List.of("name")),
          Map.entry("EndpointSlice.ports", List.of("name")));

  private static final Set<String> SETS = Set.of("ObjectMeta.finalizers", "NodeSpec.podCIDRs");

  /** Lists that a strategic merge merges though they are atomic to an apply. */
  private static final Map<String, String> STRATEGIC_ONLY =
      Map.of(
          "PodStatus.hostIPs", "ip",
          "NodeSpec.taints", "key",
          "ServiceAccount.imagePullSecrets", "name");

  private static final Set<String> ATOMIC_TYPES =
      Set.of(
          "LabelSelector",
          "SecretKeySelector",
          "ConfigMapKeySelector",
          "ObjectFieldSelector",
          "ResourceFieldSelector",
          "LocalObjectReference",
          "TypedLocalObjectReference",
          "ObjectReference",
          "NodeSelector",
          "NodeSelectorTerm",
          "OwnerReference",
          "RoleRef",
          "Subject");

  private static final Set<String> ATOMIC_MAPS =
      Set.of("ServiceSpec.selector", "PodSpec.nodeSelector", "ReplicationControllerSpec.selector");

  private MergeKeys() {}

  static List<String> keys(String owner, String field) {
    if (field.equals("conditions")) {
      return List.of("type");
    }
    return LISTS.getOrDefault(owner + "." + field, List.of());
  }

  static Schema.ListType listType(String owner, String field) {
    if (SETS.contains(owner + "." + field)) {
      return Schema.ListType.SET;
    }
    return keys(owner, field).isEmpty() ? Schema.ListType.ATOMIC : Schema.ListType.MAP;
  }

  static String strategicKey(String owner, String field) {
    List<String> keys = keys(owner, field);
    return keys.isEmpty() ? STRATEGIC_ONLY.getOrDefault(owner + "." + field, "") : keys.getFirst();
  }

  static boolean atomic(String owner, String field, String type) {
    return ATOMIC_MAPS.contains(owner + "." + field) || ATOMIC_TYPES.contains(type);
  }
}
