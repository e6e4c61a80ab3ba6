package dev.kvasir.e2e.node;

import java.util.Map;

/**
 * Expands {@code $(NAME)} as Kubernetes does: an unknown name stays as it is, {@code $$} is a plain
 * {@code $}.
 */
final class VariableReferences {
  private VariableReferences() {}

  static String expand(String text, Map<String, String> values) {
    var out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      at = next(text, at, values, out);
    }
    return out.toString();
  }

  private static int next(String text, int at, Map<String, String> values, StringBuilder out) {
    if (text.startsWith("$$", at)) {
      out.append('$');
      return at + 2;
    }
    int end = text.startsWith("$(", at) ? text.indexOf(')', at) : -1;
    if (end < 0) {
      out.append(text.charAt(at));
      return at + 1;
    }
    String reference = text.substring(at, end + 1);
    out.append(values.getOrDefault(text.substring(at + 2, end), reference));
    return end + 1;
  }
}
