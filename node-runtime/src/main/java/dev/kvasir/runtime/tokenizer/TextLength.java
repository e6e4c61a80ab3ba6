package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many characters of a text a token stands for at most: those of the longest token, unless the
 * tokenizer drops or joins characters before it looks the tokens up.
 */
final class TextLength {
  /** No token of a real vocabulary stands for more on average. */
  private static final int USUAL = 256;

  private final Set<String> kinds = new HashSet<>();
  private boolean keeps = true;
  private boolean byteFallback;
  private int longest = 1;

  void token(String token) {
    longest = Math.max(longest, token.length());
  }

  void added(JsonNode token) {
    token(token.path("content").asText());
    keeps &= !token.path("lstrip").asBoolean() && !token.path("rstrip").asBoolean();
  }

  /** A normalizer or a pre-tokenizer. */
  void part(JsonNode part) {
    keeps &= part.isNull() || keeps(part);
  }

  void model(Map<String, JsonNode> settings) {
    byteFallback =
        settings.containsKey("byte_fallback") && settings.get("byte_fallback").asBoolean();
  }

  int charactersPerToken() {
    boolean spellsAll = byteFallback || kinds.contains("ByteLevel");
    return keeps && spellsAll ? longest : Math.max(longest, USUAL);
  }

  private boolean keeps(JsonNode part) {
    String type = part.path("type").asText();
    kinds.add(type);
    return switch (type) {
      case "ByteLevel", "Metaspace", "Prepend", "Digits", "NFD" -> true;
      case "Split" -> !part.path("behavior").asText().equals("Removed");
      case "Replace" ->
          part.path("pattern").has("String")
              && part.path("pattern").path("String").asText().length()
                  <= part.path("content").asText().length();
      case "Sequence" -> {
        boolean all = true;
        for (JsonNode inner : part.path("normalizers")) {
          all &= keeps(inner);
        }
        for (JsonNode inner : part.path("pretokenizers")) {
          all &= keeps(inner);
        }
        yield all;
      }
      default -> false;
    };
  }
}
