package dev.kvasir.e2e.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/** Waits for a client to go away, and then closes the connection to the pod that works for it. */
final class ClientWatch {
  private final InputStream client;
  private Socket pod;
  private boolean gone;

  private ClientWatch(InputStream client) {
    this.client = client;
  }

  /**
   * The request has been read whole: whatever the client sends from now on is dropped. Ends with
   * the client's connection.
   */
  static ClientWatch start(InputStream client) {
    var watch = new ClientWatch(client);
    Thread.ofVirtual().name("proxy-client-watch").start(watch::watch);
    return watch;
  }

  synchronized boolean clientIsGone() {
    return gone;
  }

  synchronized void closeWithClient(Socket newPod) throws IOException {
    pod = newPod;
    if (gone) {
      pod.close();
    }
  }

  private void watch() {
    try {
      while (client.read() >= 0) {
        // Dropped.
      }
    } catch (IOException e) {
      // A reset is an end like any other.
    }
    end();
  }

  private synchronized void end() {
    gone = true;
    try {
      if (pod != null) {
        pod.close();
      }
    } catch (IOException e) {
      // It is closed as far as it can be.
    }
  }
}
