package dev.kvasir.e2e.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The first line and the headers of an HTTP/1.1 request. */
record RequestHead(String requestLine, List<Header> headers) {
  private static final int MAX_BYTES = 64 * 1024;

  record Header(String name, String value) {}

  /** Reads up to the empty line; empty where the client closed without sending anything. */
  static Optional<RequestHead> read(InputStream in) throws IOException, BadRequestException {
    var budget = new int[] {MAX_BYTES};
    String first = readLine(in, budget);
    if (first == null) {
      return Optional.empty();
    }
    if (!first.matches("[A-Z]{1,20} [!-~]+ HTTP/1\\.[01]")) {
      throw new BadRequestException(400, "not an HTTP/1.1 request");
    }
    var headers = new ArrayList<Header>();
    for (String line = readLine(in, budget);
        line != null && !line.isEmpty();
        line = readLine(in, budget)) {
      headers.add(header(line));
    }
    return Optional.of(new RequestHead(first, List.copyOf(headers)));
  }

  Optional<String> value(String name) {
    return headers.stream()
        .filter(h -> h.name().equalsIgnoreCase(name))
        .map(Header::value)
        .findFirst();
  }

  private static Header header(String line) throws BadRequestException {
    int colon = line.indexOf(':');
    if (colon <= 0 || !line.substring(0, colon).matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
      throw new BadRequestException(400, "malformed request header");
    }
    return new Header(
        line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
  }

  private static String readLine(InputStream in, int[] budget)
      throws IOException, BadRequestException {
    var line = new StringBuilder();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (--budget[0] < 0) {
        throw new BadRequestException(
            431, "request headers are larger than " + MAX_BYTES + " bytes");
      }
      if (b == '\n') {
        boolean carriage = !line.isEmpty() && line.charAt(line.length() - 1) == '\r';
        return carriage ? line.substring(0, line.length() - 1) : line.toString();
      }
      line.append((char) b);
    }
    return line.isEmpty() ? null : line.toString();
  }

  /**
   * The bytes to send on, without what concerns this connection only; the body's length is said
   * anew.
   */
  byte[] forwarded(int bodyLength, String client) {
    var text = new StringBuilder(requestLine).append("\r\n");
    for (Header header : headers) {
      if (!isOfThisConnection(header.name())) {
        text.append(header.name()).append(": ").append(header.value()).append("\r\n");
      }
    }
    if (bodyLength > 0 || value("content-length").isPresent()) {
      text.append("content-length: ").append(bodyLength).append("\r\n");
    }
    text.append("x-forwarded-for: ").append(client).append("\r\nconnection: close\r\n\r\n");
    return text.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isOfThisConnection(String name) {
    return switch (name) {
      case "connection",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "expect",
          "content-length",
          "x-forwarded-for" ->
          true;
      default -> false;
    };
  }
}
