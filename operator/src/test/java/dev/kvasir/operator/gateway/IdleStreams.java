package dev.kvasir.operator.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Measures what idle streams cost, not a test: {@code IdleStreams gateway REPLICA_PORT} is the
 * gateway in a process of its own, {@code IdleStreams clients COUNT GATEWAY_PORT REPLICA_PORT PID}
 * the replica and the clients in another one. Prints the gateway's resident memory.
 */
final class IdleStreams {
  private static final String ASK = "{\"model\": \"tiny\", \"stream\": true}";

  private IdleStreams() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("gateway")) {
      gateway(Integer.parseInt(args[1]));
    } else {
      clients(
          Integer.parseInt(args[1]),
          Integer.parseInt(args[2]),
          Integer.parseInt(args[3]),
          Long.parseLong(args[4]));
    }
  }

  private static void gateway(int replicaPort) throws InterruptedException {
    var gateway = new TestingGateway();
    gateway.catalog(
        TestingGateway.served(
            "default", "tiny", "tiny", List.of(new Endpoint("pod", "127.0.0.1", replicaPort))));
    System.out.println("port " + gateway.port() + " pid " + ProcessHandle.current().pid());
    Thread.currentThread().join();
  }

  private static void clients(int count, int gatewayPort, int replicaPort, long pid)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ServerSocket server =
            new ServerSocket(replicaPort, 4096, InetAddress.getLoopbackAddress())) {
      List<Socket> upstream = new ArrayList<>();
      Future<?> accepting = threads.submit(accept(server, upstream, count));
      System.out.println("before: " + resident(pid));
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), gatewayPort);
        client.getOutputStream().write(TestingGateway.rawChat(ASK).getBytes(UTF_8));
        requireEvent(List.of(client));
        clients.add(client);
      }
      accepting.get();
      System.out.println(count + " idle streams: " + resident(pid));
      for (int round = 0; round < 10; round++) {
        event(upstream);
        requireEvent(clients);
      }
      System.out.println("after 10 events on each: " + resident(pid));
      System.exit(0);
    }
  }

  private static Callable<Void> accept(ServerSocket server, List<Socket> upstream, int count) {
    return () -> {
      for (int i = 0; i < count; i++) {
        Socket socket = server.accept();
        socket.getInputStream().read(new byte[4096]);
        socket
            .getOutputStream()
            .write(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                    .getBytes(UTF_8));
        upstream.add(socket);
        event(List.of(socket));
      }
      return null;
    };
  }

  private static void event(List<Socket> upstream) throws IOException {
    for (Socket socket : upstream) {
      socket.getOutputStream().write("9\r\ndata: x\n\n\r\n".getBytes(UTF_8));
    }
  }

  /** Each client gets what its replica sent. */
  private static void requireEvent(List<Socket> clients) throws IOException {
    for (Socket client : clients) {
      InputStream in = client.getInputStream();
      StringBuilder seen = new StringBuilder();
      while (!seen.toString().endsWith("data: x\n\n\r\n")) {
        int c = in.read();
        if (c < 0) {
          throw new IOException("a stream ended after " + seen);
        }
        seen.append((char) c);
      }
    }
  }

  private static String resident(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .findFirst()
        .orElse("gone");
  }
}
