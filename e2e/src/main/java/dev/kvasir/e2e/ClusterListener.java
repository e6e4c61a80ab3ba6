package dev.kvasir.e2e;

/** Is told what a local cluster is doing, a line at a time. */
public interface ClusterListener {
  void progress(String line);

  /** A service got a local address. */
  void serving(String namespace, String service, int localPort);
}
