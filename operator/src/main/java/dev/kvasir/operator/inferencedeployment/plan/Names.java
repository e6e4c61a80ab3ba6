package dev.kvasir.operator.inferencedeployment.plan;

import java.util.Map;
import java.util.TreeMap;

/** Labels, annotations and names that the operator gives to what it makes. */
public final class Names {
  public static final String FIELD_MANAGER = "kvasir-operator";
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String APP_NAME = "app.kubernetes.io/name";
  public static final String INSTANCE = "app.kubernetes.io/instance";

  /** On a pod: it takes requests. The template sets it; a pod that drains loses it. */
  public static final String SERVING = "inference.kvasir.dev/serving";

  /** On a pod that finishes its work and goes: since when. */
  public static final String DRAINING_SINCE = "inference.kvasir.dev/draining-since";

  /** On a pod: those with the least go first when a ReplicaSet has too many. */
  public static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

  /** On a pod and its template: the hash of the spec fields it was rendered from. */
  public static final String REVISION = "inference.kvasir.dev/revision";

  /** On a ControllerRevision: the last valid spec with this template. */
  public static final String SPEC = "inference.kvasir.dev/spec";

  public static final String CONTAINER = "runtime";
  public static final String HTTP_PORT_NAME = "http";
  public static final String ADMIN_PORT_NAME = "admin";
  public static final int HTTP_PORT = 8000;
  public static final int ADMIN_PORT = 8001;

  private static final String RUNTIME = "kvasir-node-runtime";

  private Names() {}

  /** Selects the pods of a deployment, whatever their revision. */
  public static Map<String, String> podSelector(String name) {
    return new TreeMap<>(Map.of(APP_NAME, RUNTIME, INSTANCE, name));
  }

  /** On everything that the operator makes for a deployment. */
  public static Map<String, String> labels(String name) {
    return new TreeMap<>(Map.of(APP_NAME, RUNTIME, INSTANCE, name, MANAGED_BY, FIELD_MANAGER));
  }

  /** The same as {@link #podSelector} in the form of the scale subresource. */
  public static String selectorText(String name) {
    return APP_NAME + "=" + RUNTIME + "," + INSTANCE + "=" + name;
  }

  /** The OpenAI-compatible base URL within the cluster. */
  public static String endpoint(String namespace, String name) {
    return "http://" + name + "." + namespace + ".svc:" + HTTP_PORT + "/v1";
  }
}
