package dev.kvasir.e2e.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * 254 loopback addresses, 127.A.B.1 to 127.A.B.254, that no other cluster on this machine uses:
 * whoever listens on the first address's lock port holds the block. The first address is the
 * node's, the others are for pods.
 */
public final class AddressBlock implements AutoCloseable {
  private static final int LOCK_PORT = 10249;
  private static final int ATTEMPTS = 100;
  private static final int FIRST_POD = 10;
  private static final int LAST_POD = 254;

  private final String prefix;
  private final ServerSocket lock;
  private final BitSet used = new BitSet();
  private int last = FIRST_POD - 1;

  private AddressBlock(String prefix, ServerSocket lock) {
    this.prefix = prefix;
    this.lock = lock;
  }

  /**
   * Claims a block at random; 127.0.x.y and its neighbours, which other programs like, are left
   * alone.
   */
  public static AddressBlock claim(RandomGenerator random) throws IOException {
    IOException failure = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String prefix = "127." + random.nextInt(64, 192) + "." + random.nextInt(256) + ".";
      try {
        return new AddressBlock(prefix, listen(prefix + 1));
      } catch (IOException e) {
        failure = e;
      }
    }
    throw new IOException(
        "no free block of loopback addresses 127.A.B.0/24 after "
            + ATTEMPTS
            + " attempts: "
            + failure.getMessage(),
        failure);
  }

  public String nodeAddress() {
    return prefix + 1;
  }

  /** The next address that no pod has; addresses are reused as late as possible. */
  public synchronized String allocate() {
    int size = LAST_POD - FIRST_POD + 1;
    for (int step = 1; step <= size; step++) {
      int candidate = FIRST_POD + (last - FIRST_POD + step) % size;
      if (!used.get(candidate)) {
        used.set(candidate);
        last = candidate;
        return prefix + candidate;
      }
    }
    throw new IllegalStateException(
        "all " + size + " pod addresses of " + prefix + "0/24 are in use");
  }

  public synchronized void release(String address) {
    used.clear(Integer.parseInt(address.substring(prefix.length())));
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  private static ServerSocket listen(String address) throws IOException {
    var socket = new ServerSocket();
    try {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), LOCK_PORT), 1);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
