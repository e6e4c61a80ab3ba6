package dev.kvasir.e2e;

/** Which Kubernetes API a local cluster has. */
public enum ControlPlaneKind {
  /** A small one within this process. */
  embedded,
  /** kube-apiserver, kube-controller-manager and etcd. */
  real
}
