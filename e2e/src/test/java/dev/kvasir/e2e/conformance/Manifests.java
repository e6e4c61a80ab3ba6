package dev.kvasir.e2e.conformance;

/** The objects that tests make, as JSON. */
final class Manifests {
  private Manifests() {}

  static String configMap(String name, String data) {
    return """
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}, "data": %s}
    """
        .formatted(name, data);
  }

  /** A ConfigMap with more metadata than its name: a list of members. */
  static String configMapWith(String name, String metadata) {
    return """
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s", %s}}
    """
        .formatted(name, metadata);
  }

  static String widget(String name, String spec) {
    return """
    {"apiVersion": "conformance.kvasir.dev/v1", "kind": "Widget", "metadata": {"name": "%s"}, "spec": %s}
    """
        .formatted(name, spec);
  }

  static String deployment(String name, int replicas) {
    return deployment(name, replicas, "");
  }

  /** A Deployment; more is a list of members of its spec, each followed by a comma. */
  static String deployment(String name, int replicas, String more) {
    return """
    {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "%1$s"},
     "spec": {"replicas": %2$d, %3$s "selector": {"matchLabels": {"app": "%1$s"}},
       "template": {"metadata": {"labels": {"app": "%1$s"}}, "spec": {"nodeName": "conformance",
         "containers": [{"name": "c", "image": "conformance/none:1"}]}}}}
    """
        .formatted(name, replicas, more);
  }

  static String pod(String name, String spec) {
    return """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "%s", "labels": {"app": "%s"}},
     "spec": {%s "containers": [{"name": "c", "image": "conformance/none:1"}]}}
    """
        .formatted(name, name, spec);
  }

  static String service(String name) {
    return """
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "%1$s"},
     "spec": {"selector": {"app": "%1$s"}, "ports": [{"name": "http", "port": 8000, "targetPort": "http"}]}}
    """
        .formatted(name);
  }

  /** An owner reference to what the API answered with. */
  static String ownedBy(Reply owner, boolean blocking) {
    return """
    "ownerReferences": [{"apiVersion": "%s", "kind": "%s", "name": "%s", "uid": "%s", "blockOwnerDeletion": %s}]
    """
        .formatted(
            owner.text("/apiVersion"),
            owner.text("/kind"),
            owner.text("/metadata/name"),
            owner.text("/metadata/uid"),
            blocking);
  }
}
