package dev.kvasir.e2e.node;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The images of this node: the last part of a repository's name, and the program that stands for
 * its entry point.
 */
public record ImageTable(Map<String, List<String>> entryPoints) {
  public ImageTable {
    entryPoints = Map.copyOf(new TreeMap<>(entryPoints));
  }

  public Optional<List<String>> entryPoint(String image) {
    return Optional.ofNullable(entryPoints.get(name(image)));
  }

  public String names() {
    return String.join(", ", new TreeMap<>(entryPoints).keySet());
  }

  /** {@code registry.example:5000/team/node-runtime:1.0@sha256:...} is {@code node-runtime}. */
  static String name(String image) {
    String last = image.substring(image.lastIndexOf('/', lastBeforeDigest(image)) + 1);
    return last.split("[:@]", 2)[0];
  }

  private static int lastBeforeDigest(String image) {
    int digest = image.indexOf('@');
    return digest < 0 ? image.length() : digest;
  }
}
