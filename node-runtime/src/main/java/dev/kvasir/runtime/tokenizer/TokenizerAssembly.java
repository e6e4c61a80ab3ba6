package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts a checkpoint's tokenizer together as transformers does: from tokenizer.json or
 * tokenizer.model, the parts that its class there puts in their place, and the tokens that the
 * files beside it add.
 */
final class TokenizerAssembly {
  private static final String ADDED = "added_tokens";

  private final TokenizerSettings settings;
  private final TokenizerFile file;

  /** Null where there is a tokenizer.json. */
  private final SentencePiece pieces;

  private final TokenizerClass type;
  private final Map<String, JsonNode> parts = new LinkedHashMap<>();
  private final Map<String, JsonNode> model = new LinkedHashMap<>();

  private TokenizerAssembly(
      TokenizerSettings settings, TokenizerFile file, SentencePiece pieces, TokenizerClass type) {
    this.settings = settings;
    this.file = file;
    this.pieces = pieces;
    this.type = type;
  }

  static TokenizerFile.Contents read(Path checkpoint) throws IOException {
    TokenizerSettings settings = TokenizerSettings.read(checkpoint);
    Path json = checkpoint.resolve("tokenizer.json");
    Path pieces = checkpoint.resolve("tokenizer.model");
    if (Files.isRegularFile(json)) {
      return ofJson(settings, TokenizerFile.read(json)).contents();
    }
    if (Files.isRegularFile(pieces)) {
      return ofPieces(settings, pieces).contents();
    }
    throw new IOException(
        json
            + " is missing, and there is no SentencePiece tokenizer.model either. Where transformers"
            + " can load the tokenizer, this writes the file: python -c \"from transformers import"
            + " AutoTokenizer as T; T.from_pretrained('"
            + checkpoint
            + "').save_pretrained('"
            + checkpoint
            + "')\"");
  }

  private static TokenizerAssembly ofJson(TokenizerSettings settings, TokenizerFile file) {
    boolean byteLevel =
        file.part("pre_tokenizer").findValuesAsText("type").contains("ByteLevel")
            || file.part("decoder").findValuesAsText("type").contains("ByteLevel");
    // The classes are of BPE models: they would drop another model's scores.
    boolean isBpe = file.setting("type").asText().equals("BPE");
    TokenizerClass type = isBpe ? settings.tokenizerClass(byteLevel) : TokenizerClass.FILE;
    return new TokenizerAssembly(settings, file, null, type);
  }

  private static TokenizerAssembly ofPieces(TokenizerSettings settings, Path model)
      throws IOException {
    SentencePiece pieces = SentencePiece.read(model);
    TokenizerClass declared = settings.tokenizerClass(false);
    boolean fits = pieces.isBpe() && declared != TokenizerClass.QWEN2;
    TokenizerClass type = fits ? declared : TokenizerClass.FILE;
    TokenizerFile file = TokenizerFile.check(model, pieces.toTokenizerJson(type));
    return new TokenizerAssembly(settings, file, pieces, type);
  }

  private TokenizerFile.Contents contents() throws IOException {
    List<AddedToken> symbols = pieces == null ? List.of() : pieces.symbols();
    boolean byItself = pieces != null && type == TokenizerClass.FILE;
    Map<String, String> names = byItself ? pieces.names() : type.tokens();
    DeclaredTokens declared = DeclaredTokens.read(settings, fileTokens(), names, symbols);
    PlacedTokens placed = placed(declared, symbols);
    parts(declared);
    if (pieces != null) {
      affixes(declared, placed);
    }
    change(ADDED, placed.toJson());
    return parts.isEmpty() && model.isEmpty()
        ? file.contents()
        : TokenizerFile.check(file.file(), TokenizerRewriter.rewritten(file.text(), parts, model))
            .contents();
  }

  private PlacedTokens placed(DeclaredTokens declared, List<AddedToken> symbols)
      throws IOException {
    PlacedTokens placed = new PlacedTokens(file.vocabulary());
    if (type == TokenizerClass.FILE) {
      fileTokens().values().forEach(placed::add);
      symbols.forEach(placed::add);
    }
    declared.inOrder(placed.texts()).forEach(placed::add);
    if (type == TokenizerClass.QWEN2) {
      declared.specials().forEach(placed::add);
    }
    return placed;
  }

  private Map<Integer, AddedToken> fileTokens() throws IOException {
    Map<Integer, AddedToken> tokens = new TreeMap<>();
    JsonFile named = new JsonFile(file.file(), JsonNodeFactory.instance.objectNode());
    for (JsonNode token : file.part(ADDED)) {
      tokens.put(token.path("id").intValue(), AddedToken.of(named, ADDED, token, false));
    }
    return tokens;
  }

  private void parts(DeclaredTokens declared) throws IOException {
    ClassParts own = ClassParts.of(type, settings.config(), declared.named("unk_token"));
    own.parts().forEach(this::change);
    own.model()
        .forEach((name, value) -> {
          if (!isSame(file.setting(name), value)) {
            model.put(name, value);
          }
        });
  }

  private void change(String name, JsonNode value) {
    if (!isSame(file.part(name), value)) {
      parts.put(name, value);
    }
  }

  private static boolean isSame(JsonNode had, JsonNode wanted) {
    return had.equals(wanted) || (saysNothing(had) && saysNothing(wanted));
  }

  /** What a file may as well leave out. */
  private static boolean saysNothing(JsonNode value) {
    return value.isNull()
        || (value.isBoolean() && !value.booleanValue())
        || (value.isTextual() && value.textValue().isEmpty())
        || (value.isArray() && value.isEmpty());
  }

  /** A tokenizer.json says itself what goes around a text; a SentencePiece model doesn't. */
  private void affixes(DeclaredTokens declared, PlacedTokens placed) throws IOException {
    JsonFile config = settings.config();
    boolean unsaid = type == TokenizerClass.FILE && settings.declared() == null;
    AffixTemplate template = new AffixTemplate();
    String begin = config.flag("add_bos_token", unsaid) ? declared.named("bos_token") : null;
    if (begin != null) {
      template.before(begin, placed.id(begin));
    }
    String end = config.flag("add_eos_token", false) ? declared.named("eos_token") : null;
    if (end != null) {
      template.after(end, placed.id(end));
    }
    parts.put("post_processor", template.toJson());
  }
}
