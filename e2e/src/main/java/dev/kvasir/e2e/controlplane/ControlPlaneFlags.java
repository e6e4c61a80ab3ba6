package dev.kvasir.e2e.controlplane;

import java.nio.file.Path;
import java.util.List;

/** How each part of the control plane is started; README.md of e2e/control-plane says why. */
final class ControlPlaneFlags {
  private static final List<String> CONTROLLERS =
      List.of(
          "deployment-controller",
          "disruption-controller",
          "garbage-collector-controller",
          "job-controller",
          "namespace-controller",
          "replicaset-controller",
          "root-ca-certificate-publisher-controller",
          "serviceaccount-controller");

  private ControlPlaneFlags() {}

  static List<String> etcd(Path directory) {
    return List.of("--data-dir=" + directory.resolve("etcd"), "--socket=" + etcdSocket(directory));
  }

  static List<String> apiServer(Path directory, int port) {
    return List.of(
        "--etcd-servers=unix://" + etcdSocket(directory),
        "--bind-address=127.0.0.1",
        "--secure-port=" + port,
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--cert-dir=" + directory.resolve("certificates"),
        "--token-auth-file=" + directory.resolve("tokens.csv"),
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=" + serviceAccountKey(directory),
        "--service-account-signing-key-file=" + serviceAccountKey(directory),
        "--service-cluster-ip-range=127.32.0.0/16",
        "--kubelet-preferred-address-types=InternalIP",
        "--disable-admission-plugins=TaintNodesByCondition");
  }

  static List<String> controllerManager(Path directory) {
    return List.of(
        "--kubeconfig=" + directory.resolve("kubeconfig"),
        "--controllers=" + String.join(",", CONTROLLERS),
        "--service-account-private-key-file=" + serviceAccountKey(directory),
        "--root-ca-file=" + directory.resolve("certificates/apiserver.crt"),
        "--leader-elect=false",
        "--secure-port=0");
  }

  static List<String> scheduler(Path directory) {
    return List.of(
        "--kubeconfig=" + directory.resolve("kubeconfig"),
        "--leader-elect=false",
        "--secure-port=0");
  }

  private static Path etcdSocket(Path directory) {
    return directory.resolve("etcd.sock");
  }

  private static Path serviceAccountKey(Path directory) {
    return directory.resolve("service-account.key");
  }
}
