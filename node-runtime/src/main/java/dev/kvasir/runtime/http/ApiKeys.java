package dev.kvasir.runtime.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;

/** The bearer tokens that a port takes: a file with one a line. */
public final class ApiKeys {
  private static final String SCHEME = "Bearer ";

  private final List<byte[]> keys;

  private ApiKeys(List<byte[]> keys) {
    this.keys = keys;
  }

  public static ApiKeys none() {
    return new ApiKeys(List.of());
  }

  /** Reads the file; one without a key would lock everybody out and is an error. */
  public static ApiKeys read(Path file) throws IOException {
    List<byte[]> keys =
        Files.readAllLines(file).stream()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .map(line -> line.getBytes(StandardCharsets.UTF_8))
            .toList();
    if (keys.isEmpty()) {
      throw new IOException(file + " holds no key: write one a line");
    }
    return new ApiKeys(keys);
  }

  void check(Call call) throws ApiException {
    if (keys.isEmpty()) {
      return;
    }
    String header = call.header("Authorization");
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw ApiException.unauthorized(
          "an API key is needed: send it as 'Authorization: Bearer KEY'");
    }
    if (!matches(header.substring(SCHEME.length()).strip())) {
      throw ApiException.unauthorized("the API key is not known here");
    }
  }

  /** Every key is compared in constant time, whichever fits. */
  private boolean matches(String given) {
    byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
    boolean found = false;
    for (byte[] key : keys) {
      found |= MessageDigest.isEqual(key, bytes);
    }
    return found;
  }
}
