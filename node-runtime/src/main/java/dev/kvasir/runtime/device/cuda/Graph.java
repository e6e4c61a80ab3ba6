package dev.kvasir.runtime.device.cuda;

import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/** Recorded work that one call starts. */
record Graph(CUgraphExec executable) implements AutoCloseable {
  void launch(Stream stream) {
    Calls.check(JCudaDriver.cuGraphLaunch(executable, stream.handle()), "launching a graph");
  }

  @Override
  public void close() {
    Calls.check(JCudaDriver.cuGraphExecDestroy(executable), "closing a graph");
  }
}
