package dev.kvasir.e2e.conformance;

import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.controlplane.ControlPlane;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.concurrent.atomic.AtomicInteger;

/** A namespace for one test, and the ways to talk to the API from it. */
final class Sandbox implements AutoCloseable {
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final KubernetesClient client;
  private final String namespace;
  private final Api api;
  private final Kubectl kubectl;

  private Sandbox(KubernetesClient client, ControlPlane plane, String namespace) {
    this.client = client;
    this.namespace = namespace;
    this.api = new Api(client);
    this.kubectl = new Kubectl(plane.kubeconfig(), namespace);
  }

  static Sandbox create(ControlPlane plane, KubernetesClient client) {
    String name = "sandbox-" + NEXT.incrementAndGet();
    var namespace = new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
    client.namespaces().resource(namespace).create();
    var sandbox = new Sandbox(client, plane, name);
    // The real one admits no pod before the namespace has its service account.
    String dryRun = sandbox.core("pods?dryRun=All");
    Eventually.holds(
        "the namespace takes pods",
        () -> sandbox.api().post(dryRun, Manifests.pod("first", "")).status() == 201);
    return sandbox;
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  Api api() {
    return api;
  }

  Kubectl kubectl() {
    return kubectl;
  }

  /** The path of something in the core group, such as {@code configmaps/a}. */
  String core(String resource) {
    return "/api/v1/namespaces/" + namespace + "/" + resource;
  }

  String apps(String resource) {
    return "/apis/apps/v1/namespaces/" + namespace + "/" + resource;
  }

  String widgets(String resource) {
    return "/apis/conformance.kvasir.dev/v1/namespaces/" + namespace + "/widgets" + resource;
  }

  /** Whether there is something at this path. */
  boolean exists(String path) {
    return api.get(path).status() == 200;
  }

  TestingKubelet kubelet() {
    return new TestingKubelet(client, namespace);
  }

  @Override
  public void close() {
    client.namespaces().withName(namespace).delete();
  }
}
