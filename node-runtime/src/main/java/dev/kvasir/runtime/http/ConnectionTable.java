package dev.kvasir.runtime.http;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The established TCP connections of this network namespace, as Linux lists them. The JDK's server
 * gives no way to see that a client has gone while there is nothing to read or write; a connection
 * that is no longer established (closed, reset, or half closed by the client) tells.
 */
final class ConnectionTable {
  private static final List<Path> FILES =
      List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
  private static final String ESTABLISHED = "01";
  private static final String MAPPED = "0000000000000000FFFF0000";

  private final Set<String> established;

  private ConnectionTable(Set<String> established) {
    this.established = established;
  }

  static boolean isAvailable() {
    return Files.isReadable(FILES.getFirst());
  }

  static ConnectionTable read() throws IOException {
    Set<String> established = new HashSet<>();
    for (Path file : FILES) {
      if (Files.isReadable(file)) {
        Files.readAllLines(file).forEach(line -> add(line, established));
      }
    }
    return new ConnectionTable(established);
  }

  /** {@code 0: 0100007F:1F40 0100007F:D431 01 ...}: slot, local, remote, state. */
  private static void add(String line, Set<String> established) {
    String[] columns = line.strip().split("\\s+", 5);
    if (columns.length == 5 && columns[3].equals(ESTABLISHED)) {
      established.add(plain(columns[1]) + " " + plain(columns[2]));
    }
  }

  private static String plain(String address) {
    return address.startsWith(MAPPED) ? address.substring(MAPPED.length()) : address;
  }

  boolean holds(InetSocketAddress local, InetSocketAddress remote) {
    return established.contains(hex(local) + " " + hex(remote));
  }

  /** Each 32-bit word of the address in the machine's (little-endian) order, then the port. */
  private static String hex(InetSocketAddress address) {
    InetAddress host = address.getAddress();
    byte[] bytes = host.getAddress();
    StringBuilder out = new StringBuilder();
    for (int word = 0; word < bytes.length; word += 4) {
      for (int i = 3; i >= 0; i--) {
        out.append(String.format(Locale.ROOT, "%02X", bytes[word + i]));
      }
    }
    return out.append(String.format(Locale.ROOT, ":%04X", address.getPort())).toString();
  }

  /** True where addresses of this kind can be looked up. */
  static boolean covers(InetSocketAddress address) {
    return address != null
        && (address.getAddress() instanceof Inet4Address || Files.isReadable(FILES.getLast()));
  }
}
