package dev.kvasir.e2e.node;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Where a container's mount paths really are. A process sees the host's file system, so each
 * mention of a mount path in a command line or an environment value is replaced by the pod's
 * directory; a path is mentioned where it stands as whole path elements.
 */
record MountPaths(Map<String, Path> directories) {
  MountPaths {
    directories = Map.copyOf(directories);
  }

  String rewrite(String text) {
    var out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      String mount = mentionedAt(text, at);
      if (mount == null) {
        out.append(text.charAt(at++));
      } else {
        out.append(directories.get(mount));
        at += mount.length();
      }
    }
    return out.toString();
  }

  private String mentionedAt(String text, int at) {
    if (text.charAt(at) != '/' || !startsHere(text, at)) {
      return null;
    }
    return longestFirst().stream()
        .filter(mount -> text.startsWith(mount, at) && endsHere(text, at + mount.length()))
        .findFirst()
        .orElse(null);
  }

  private List<String> longestFirst() {
    return directories.keySet().stream()
        .sorted(Comparator.comparingInt(String::length).reversed())
        .toList();
  }

  /**
   * In {@code file:///keys} the path starts at the third slash; in {@code /etc/keys} no path {@code
   * /keys} starts.
   */
  private static boolean startsHere(String text, int at) {
    boolean afterScheme = at >= 3 && text.startsWith("://", at - 3);
    return at == 0 || afterScheme || !isPathCharacter(text.charAt(at - 1));
  }

  private static boolean endsHere(String text, int end) {
    return end == text.length() || text.charAt(end) == '/' || !isPathCharacter(text.charAt(end));
  }

  private static boolean isPathCharacter(char c) {
    return Character.isLetterOrDigit(c) || c == '/' || c == '.' || c == '_' || c == '-' || c == '~';
  }
}
