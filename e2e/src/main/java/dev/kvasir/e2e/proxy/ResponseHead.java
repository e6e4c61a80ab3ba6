package dev.kvasir.e2e.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The first line and headers of a pod's response, with the promise that the connection closes after
 * it.
 */
final class ResponseHead {
  private static final int MAX_BYTES = 64 * 1024;

  private ResponseHead() {}

  static byte[] closing(int firstByte, InputStream in) throws IOException {
    var out = new ByteArrayOutputStream();
    byte[] line = line(firstByte, in);
    while (!isEmpty(line)) {
      if (!isConnectionHeader(line)) {
        out.write(line);
      }
      if (out.size() > MAX_BYTES) {
        throw new IOException("response headers are larger than " + MAX_BYTES + " bytes");
      }
      line = line(in.read(), in);
    }
    out.write("connection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  /** With its line end. */
  private static byte[] line(int firstByte, InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = firstByte; b >= 0; b = in.read()) {
      line.write(b);
      if (b == '\n' || line.size() > MAX_BYTES) {
        return line.toByteArray();
      }
    }
    throw new IOException("the pod closed within its response's headers");
  }

  private static boolean isEmpty(byte[] line) {
    return line.length <= 2 && (line[0] == '\r' || line[0] == '\n');
  }

  private static boolean isConnectionHeader(byte[] line) {
    String name = new String(line, StandardCharsets.ISO_8859_1).split(":", 2)[0];
    return name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("keep-alive");
  }
}
