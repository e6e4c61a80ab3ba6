package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Gives added tokens the ids that Hugging Face's library gives them: the vocabulary's where it has
 * the token, else the next behind it. What a file says of ids only orders them.
 */
final class PlacedTokens {
  private final Map<String, Integer> vocabulary;
  private final Map<String, Integer> ids = new HashMap<>();
  private final TreeMap<Integer, AddedToken> tokens = new TreeMap<>();
  private final Set<String> specials = new HashSet<>();

  PlacedTokens(Map<String, Integer> vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Adds a token, or gives one that is there other flags; special ones stay so. */
  void add(AddedToken token) {
    String content = token.content();
    if (content.isEmpty()) {
      return;
    }
    if (token.special()) {
      specials.add(content);
    }
    Integer id = id(content);
    ids.put(content, id == null ? next() : id);
    tokens.put(ids.get(content), specials.contains(content) ? token.asSpecial() : token);
  }

  private int next() {
    return tokens.isEmpty() ? vocabulary.size() : Math.max(vocabulary.size(), tokens.lastKey() + 1);
  }

  /** Null for a text that is no token. */
  Integer id(String content) {
    Integer id = ids.get(content);
    return id == null ? vocabulary.get(content) : id;
  }

  Set<String> texts() {
    return ids.keySet();
  }

  /** As tokenizer.json lists them. */
  ArrayNode toJson() {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    tokens.forEach((id, token) -> list.add(token.toJson(id)));
    return list;
  }
}
