package dev.kvasir.e2e.proxy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Reads a request's whole body, so that the request can be sent to a second pod where the first
 * can't be reached.
 */
final class RequestBody {
  private static final int MAX_BYTES = 32 << 20;
  private static final int MAX_CHUNK_LINE = 1024;

  private RequestBody() {}

  static byte[] read(RequestHead head, InputStream in) throws IOException, BadRequestException {
    Optional<String> coding = head.value("transfer-encoding");
    Optional<String> length = head.value("content-length");
    if (coding.isPresent() && length.isPresent()) {
      throw new BadRequestException(
          400, "a request can't have both content-length and transfer-encoding");
    }
    if (coding.isPresent()) {
      return chunked(coding.get(), in);
    }
    return length.isPresent() ? exactly(length(length.get()), in) : new byte[0];
  }

  private static int length(String text) throws BadRequestException {
    if (!text.matches("[0-9]{1,18}")) {
      throw new BadRequestException(400, "content-length is not a number");
    }
    return bounded(Long.parseLong(text));
  }

  private static int bounded(long bytes) throws BadRequestException {
    if (bytes > MAX_BYTES) {
      throw new BadRequestException(413, "the request body is larger than " + MAX_BYTES + " bytes");
    }
    return (int) bytes;
  }

  private static byte[] exactly(int length, InputStream in) throws IOException {
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the client closed before the end of its request");
    }
    return body;
  }

  private static byte[] chunked(String coding, InputStream in)
      throws IOException, BadRequestException {
    if (!coding.equalsIgnoreCase("chunked")) {
      throw new BadRequestException(501, "transfer-encoding " + coding + " is not supported");
    }
    var body = new ByteArrayOutputStream();
    for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
      int _ = bounded((long) body.size() + size);
      body.write(exactly(size, in));
      requireEmpty(line(in));
    }
    while (!line(in).isEmpty()) {
      // Trailers end with an empty line; a model server has no use for them.
    }
    return body.toByteArray();
  }

  private static int chunkSize(InputStream in) throws IOException, BadRequestException {
    String size = line(in).split(";", 2)[0].strip();
    if (!size.matches("[0-9a-fA-F]{1,8}")) {
      throw new BadRequestException(400, "malformed chunk size");
    }
    return bounded(Long.parseLong(size, 16));
  }

  private static void requireEmpty(String line) throws BadRequestException {
    if (!line.isEmpty()) {
      throw new BadRequestException(400, "a chunk is longer than it says");
    }
  }

  private static String line(InputStream in) throws IOException, BadRequestException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the client closed before the end of its request");
      }
      if (line.length() >= MAX_CHUNK_LINE) {
        throw new BadRequestException(400, "malformed chunk");
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }
}
