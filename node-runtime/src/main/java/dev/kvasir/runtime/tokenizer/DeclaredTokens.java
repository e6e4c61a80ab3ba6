package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The tokens that the files beside a tokenizer add to it, read as transformers reads them:
 * added_tokens_decoder of tokenizer_config.json, or else special_tokens_map.json and
 * added_tokens.json; tokens with a name such as eos_token; and extra special ones.
 */
final class DeclaredTokens {
  /** In the order in which transformers adds them. */
  private static final List<String> NAMES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final String DECODER = "added_tokens_decoder";
  private static final String EXTRA = "extra_special_tokens";
  private static final String ADDITIONAL = "additional_special_tokens";

  private final TokenizerSettings settings;
  private final TreeMap<Integer, AddedToken> byId = new TreeMap<>();
  private final Map<String, AddedToken> named = new LinkedHashMap<>();
  private final Set<String> unset = new HashSet<>();
  private List<AddedToken> extras;

  private DeclaredTokens(TokenizerSettings settings) {
    this.settings = settings;
    NAMES.forEach(name -> named.put(name, null));
  }

  /**
   * @param fromFile the added tokens of a tokenizer.json with their ids
   * @param names the special tokens that there are where the configuration says nothing of them
   * @param extras extra tokens where the configuration says nothing of any
   */
  static DeclaredTokens read(
      TokenizerSettings settings,
      Map<Integer, AddedToken> fromFile,
      Map<String, String> names,
      List<AddedToken> extras)
      throws IOException {
    DeclaredTokens tokens = new DeclaredTokens(settings);
    tokens.readConfig();
    if (settings.config().has(DECODER)) {
      tokens.readDecoder();
    } else {
      tokens.readOlderFiles(fromFile, extras);
    }
    if (tokens.extras == null) {
      tokens.extras = extras;
    }
    tokens.complete(names);
    return tokens;
  }

  private void readConfig() throws IOException {
    JsonFile config = settings.config();
    names(config, false);
    JsonNode extra = config.get(EXTRA);
    if (extra.isObject()) {
      for (Map.Entry<String, JsonNode> entry : extra.properties()) {
        named.put(entry.getKey(), token(config, EXTRA, entry.getValue(), true));
      }
    } else if (config.has(EXTRA)) {
      extras = list(config, EXTRA, false);
    }
    if ((extras == null || extras.isEmpty()) && config.has(ADDITIONAL)) {
      extras = list(config, ADDITIONAL, false);
    }
  }

  /** The tokens with a name; {@code add_bos_token} and such have no text and are none. */
  private void names(JsonFile file, boolean special) throws IOException {
    for (Map.Entry<String, JsonNode> field : file.fields().properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      boolean holdsToken = value.isTextual() || value.isObject();
      if (name.endsWith("_token") && holdsToken) {
        named.put(name, token(file, name, value, special));
      } else if (NAMES.contains(name)) {
        file.require(value.isNull(), name, "a token", value);
        unset.add(name);
      }
    }
  }

  private static AddedToken token(JsonFile file, String field, JsonNode value, boolean special)
      throws IOException {
    return AddedToken.of(file, field, value, special);
  }

  private static List<AddedToken> list(JsonFile file, String field, boolean special)
      throws IOException {
    JsonNode list = file.get(field);
    file.require(list.isArray() || list.isNull(), field, "a list of tokens", list);
    List<AddedToken> tokens = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      tokens.add(token(file, field + "[" + i + "]", list.get(i), special));
    }
    return tokens;
  }

  private void readDecoder() throws IOException {
    JsonFile config = settings.config();
    JsonNode decoder = config.get(DECODER);
    config.require(decoder.isObject(), DECODER, "an object", decoder);
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      String field = DECODER + "." + entry.getKey();
      JsonNode value = entry.getValue();
      boolean isId = entry.getKey().matches("\\d{1,9}");
      config.require(isId && value.isObject(), field, "an id with a token as an object", value);
      byId.put(Integer.valueOf(entry.getKey()), token(config, field, value, false));
    }
  }

  private void readOlderFiles(Map<Integer, AddedToken> fromFile, List<AddedToken> otherwise)
      throws IOException {
    JsonFile map = settings.specialTokens();
    names(map, true);
    if (map.has(EXTRA)) {
      List<AddedToken> all = new ArrayList<>(extras == null ? List.of() : extras);
      all.addAll(list(map, EXTRA, true));
      extras = all;
    }
    readAddedTokens();
    byId.putAll(fromFile);
    if (extras == null && otherwise.isEmpty() && map.has(ADDITIONAL)) {
      extras = list(map, ADDITIONAL, true);
    }
  }

  private void readAddedTokens() throws IOException {
    Set<String> specials = new HashSet<>();
    Stream<AddedToken> known = extras == null ? Stream.empty() : extras.stream();
    Stream.concat(named.values().stream(), known)
        .filter(token -> token != null)
        .forEach(token -> specials.add(token.content()));
    JsonFile file = settings.addedTokens();
    for (Map.Entry<String, JsonNode> entry : file.fields().properties()) {
      String content = entry.getKey();
      file.require(
          ComponentRules.isId(entry.getValue()), content, "a token's id", entry.getValue());
      boolean special = specials.contains(content);
      byId.put(
          entry.getValue().intValue(),
          special ? AddedToken.special(content) : AddedToken.plain(content, true));
    }
  }

  /** A named token has the flags of the one that is added by its id; a class has its own names. */
  private void complete(Map<String, String> names) {
    Map<String, AddedToken> added = new HashMap<>();
    byId.values().forEach(token -> added.put(token.content(), token));
    for (String name : NAMES) {
      AddedToken token = named.get(name);
      String otherwise = unset.contains(name) ? null : names.get(name);
      if (token != null) {
        named.put(name, added.getOrDefault(token.content(), token));
      } else if (otherwise != null) {
        named.put(name, AddedToken.special(otherwise));
      }
    }
    named.values().removeIf(token -> token == null);
  }

  /** The text of a token by its name, or null. */
  String named(String name) {
    AddedToken token = named.get(name);
    return token == null ? null : token.content();
  }

  /** Those that take part as special tokens. */
  List<AddedToken> specials() {
    return Stream.concat(named.values().stream(), extras.stream())
        .map(token -> AddedToken.special(token.content()))
        .toList();
  }

  /**
   * All of them in the order in which transformers adds them: of two with one text the later's
   * flags count.
   *
   * @param there the texts of tokens that the tokenizer has already
   */
  List<AddedToken> inOrder(Set<String> there) {
    List<AddedToken> all = new ArrayList<>(byId.values());
    Set<String> known = new HashSet<>(there);
    byId.values().forEach(token -> known.add(token.content()));
    Stream.concat(named.values().stream(), extras.stream())
        .filter(token -> !known.contains(token.content()))
        .forEach(all::add);
    Set<String> names = new HashSet<>();
    named.values().forEach(token -> names.add(token.content()));
    all.replaceAll(token -> names.contains(token.content()) ? token.asSpecial() : token);
    return all;
  }
}
