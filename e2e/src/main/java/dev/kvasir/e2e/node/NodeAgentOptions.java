package dev.kvasir.e2e.node;

import java.nio.file.Path;
import java.util.Map;

/** How the node is called, where its pods' files lie, what it can run and how much of it. */
public record NodeAgentOptions(
    String nodeName, Path directory, ImageTable images, Map<String, String> capacity) {
  public NodeAgentOptions {
    capacity = Map.copyOf(capacity);
  }
}
