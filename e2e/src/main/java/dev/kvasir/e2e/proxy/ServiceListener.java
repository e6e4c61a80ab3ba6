package dev.kvasir.e2e.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Accepts connections for one port of a service, a bounded number at a time. */
final class ServiceListener implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ServiceListener.class.getName());
  private static final int MAX_CONNECTIONS = 4096;
  private static final int BACKLOG = 1024;

  private final ServerSocket server;
  private final HttpForwarder forwarder;
  private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private ServiceListener(ServerSocket server, HttpForwarder forwarder) {
    this.server = server;
    this.forwarder = forwarder;
  }

  /** Port 0 takes a free one. */
  static ServiceListener start(String address, int port, HttpForwarder forwarder)
      throws IOException {
    var server = new ServerSocket();
    try {
      server.bind(new InetSocketAddress(InetAddress.getByName(address), port), BACKLOG);
    } catch (IOException e) {
      server.close();
      throw new IOException("can't listen on " + address + ":" + port + ": " + e.getMessage(), e);
    }
    var listener = new ServiceListener(server, forwarder);
    Thread.ofVirtual().name("proxy " + address + ":" + listener.port()).start(listener::accept);
    return listener;
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.ofVirtual().name("proxy-request").start(() -> serve(client));
      } catch (IOException e) {
        if (!server.isClosed()) {
          LOG.log(System.Logger.Level.WARNING, "accepting a connection: " + e.getMessage());
        }
      }
    }
  }

  private void serve(Socket client) {
    boolean admitted = room.tryAcquire();
    open.add(client);
    try (client) {
      if (admitted) {
        forwarder.serve(client);
      } else {
        ErrorResponse.unavailable("More than " + MAX_CONNECTIONS + " connections are open.")
            .send(client);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a request ended early: " + e.getMessage());
    } finally {
      open.remove(client);
      if (admitted) {
        room.release();
      }
    }
  }

  /** Stops accepting; what is under way goes on. */
  void stopAccepting() {
    try {
      server.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a listener: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    stopAccepting();
    for (Socket client : open) {
      try {
        client.close();
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "closing a connection: " + e.getMessage());
      }
    }
  }
}
