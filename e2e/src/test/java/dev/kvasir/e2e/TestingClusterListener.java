package dev.kvasir.e2e;

/** Writes progress to the test's output, with which a failure is understood. */
final class TestingClusterListener implements ClusterListener {
  @Override
  public void progress(String line) {
    System.out.println("cluster: " + line);
  }

  @Override
  public void serving(String namespace, String service, int localPort) {
    progress("service " + namespace + "/" + service + " at port " + localPort);
  }
}
