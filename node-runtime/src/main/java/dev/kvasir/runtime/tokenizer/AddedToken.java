package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** A token that is found in a text before the vocabulary's own are looked for. */
record AddedToken(
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {
  private static final List<String> FLAGS =
      List.of("single_word", "lstrip", "rstrip", "normalized", "special");

  static AddedToken special(String content) {
    return new AddedToken(content, false, false, false, false, true);
  }

  static AddedToken plain(String content, boolean normalized) {
    return new AddedToken(content, false, false, false, normalized, false);
  }

  AddedToken asSpecial() {
    return new AddedToken(content, singleWord, lstrip, rstrip, normalized, true);
  }

  /** Reads a string, which is a special token, or an object with content and flags. */
  static AddedToken of(JsonFile file, String field, JsonNode value, boolean special)
      throws IOException {
    if (value.isTextual()) {
      return special(value.textValue());
    }
    boolean holds = value.isObject() && value.path("content").isTextual();
    for (String flag : FLAGS) {
      holds &= value.path(flag).isMissingNode() || value.path(flag).isBoolean();
    }
    file.require(holds, field, "a string, or an object with content and flags", value);
    boolean isSpecial = value.path("special").asBoolean(special);
    return new AddedToken(
        value.get("content").textValue(),
        value.path("single_word").asBoolean(),
        value.path("lstrip").asBoolean(),
        value.path("rstrip").asBoolean(),
        value.path("normalized").asBoolean(!isSpecial),
        isSpecial);
  }

  /** As tokenizer.json lists it. */
  ObjectNode toJson(int id) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("content", content)
        .put("single_word", singleWord)
        .put("lstrip", lstrip)
        .put("rstrip", rstrip)
        .put("normalized", normalized)
        .put("special", special);
  }
}
