package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A SentencePiece model (tokenizer.model), as Llama 2, Mistral and Gemma first came, and the
 * tokenizer.json that says the same.
 */
final class SentencePiece {
  private static final long MAX_SIZE = 64 << 20;
  private static final int MAX_PIECES = 1 << 20;

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  /** Kinds of pieces. */
  private static final int CONTROL = 3;

  private static final int USER_DEFINED = 4;

  private record Piece(String text, double score, int kind) {}

  private final Path file;
  private final List<Piece> pieces = new ArrayList<>();
  private int model = UNIGRAM;
  private boolean byteFallback;
  private int unknown;
  private int begin = 1;
  private byte[] charsmap = {};
  private boolean dummyPrefix = true;

  private SentencePiece(Path file) {
    this.file = file;
  }

  static SentencePiece read(Path file) throws IOException {
    if (Files.size(file) > MAX_SIZE) {
      throw new IOException(file + " has more than " + MAX_SIZE + " bytes");
    }
    SentencePiece read = new SentencePiece(file);
    try {
      read.model(new Protobuf(Files.readAllBytes(file)));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is no SentencePiece model: " + e.getMessage(), e);
    }
    read.check();
    return read;
  }

  private void model(Protobuf in) {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> pieces.add(piece(in.message()));
        case 2 -> trainer(in.message());
        case 3 -> normalizer(in.message());
        default -> in.skip();
      }
    }
  }

  private static Piece piece(Protobuf in) {
    String text = "";
    double score = 0;
    int kind = 1;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> text = new String(in.bytes(), StandardCharsets.UTF_8);
        case 2 -> score = in.float32();
        case 3 -> kind = in.int32();
        default -> in.skip();
      }
    }
    return new Piece(text, score, kind);
  }

  private void trainer(Protobuf in) {
    while (in.next()) {
      switch (in.field()) {
        case 3 -> model = in.int32();
        case 35 -> byteFallback = in.int32() != 0;
        case 40 -> unknown = in.int32();
        case 41 -> begin = in.int32();
        default -> in.skip();
      }
    }
  }

  private void normalizer(Protobuf in) {
    while (in.next()) {
      switch (in.field()) {
        case 2 -> charsmap = in.bytes();
        case 3 -> dummyPrefix = in.int32() != 0;
        default -> in.skip();
      }
    }
  }

  private void check() throws IOException {
    if (model != UNIGRAM && model != BPE) {
      throw new IOException(file + ": its model type " + model + " is neither Unigram nor BPE");
    }
    if (pieces.isEmpty() || pieces.size() > MAX_PIECES) {
      throw new IOException(file + " must hold 1 to " + MAX_PIECES + " pieces");
    }
    if (unknown < 0 || unknown >= pieces.size() || begin >= pieces.size()) {
      throw new IOException(file + ": the id of its unknown or BOS piece is beyond its pieces");
    }
  }

  String toTokenizerJson() {
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    root.set("added_tokens", addedTokens());
    root.set("normalizer", normalizer());
    root.set("pre_tokenizer", preTokenizer());
    root.set("post_processor", postProcessor());
    root.set("decoder", decoder());
    root.set("model", model == BPE ? bpe() : unigram());
    return root.toString();
  }

  private ArrayNode addedTokens() {
    ArrayNode added = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < pieces.size(); i++) {
      int kind = pieces.get(i).kind();
      if (kind == CONTROL || kind == USER_DEFINED || i == unknown) {
        added
            .addObject()
            .put("id", i)
            .put("content", pieces.get(i).text())
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", kind != USER_DEFINED);
      }
    }
    return added;
  }

  private ObjectNode normalizer() {
    return charsmap.length == 0
        ? null
        : part("Precompiled")
            .put("precompiled_charsmap", Base64.getEncoder().encodeToString(charsmap));
  }

  /** The space in front is for the text's start only, and not behind a special token. */
  private ObjectNode preTokenizer() {
    return part("Metaspace")
        .put("replacement", "▁")
        .put("prepend_scheme", dummyPrefix ? "first" : "never")
        .put("split", false);
  }

  private ObjectNode postProcessor() {
    ObjectNode template = part("TemplateProcessing");
    String token = begin < 0 ? null : pieces.get(begin).text();
    template.putArray("single").addAll(sequence(token, "A", 0));
    template.putArray("pair").addAll(sequence(token, "A", 0)).addAll(sequence(token, "B", 1));
    ObjectNode specials = template.putObject("special_tokens");
    if (token != null) {
      ObjectNode special = specials.putObject(token).put("id", token);
      special.putArray("ids").add(begin);
      special.putArray("tokens").add(token);
    }
    return template;
  }

  private static ArrayNode sequence(String token, String id, int type) {
    ArrayNode sequence = JsonNodeFactory.instance.arrayNode();
    if (token != null) {
      sequence.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
    }
    sequence.addObject().putObject("Sequence").put("id", id).put("type_id", type);
    return sequence;
  }

  private ObjectNode decoder() {
    ObjectNode sequence = part("Sequence");
    ArrayNode steps = sequence.putArray("decoders");
    steps.add(replace("▁", " "));
    steps.add(part("ByteFallback"));
    steps.add(part("Fuse"));
    if (dummyPrefix) {
      steps.add(part("Strip").put("content", " ").put("start", 1).put("stop", 0));
    }
    return sequence;
  }

  private static ObjectNode replace(String what, String with) {
    ObjectNode replace = part("Replace").put("content", with);
    replace.putObject("pattern").put("String", what);
    return replace;
  }

  private static ObjectNode part(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private ObjectNode unigram() {
    ObjectNode unigram = part("Unigram").put("unk_id", unknown).put("byte_fallback", byteFallback);
    ArrayNode vocabulary = unigram.putArray("vocab");
    pieces.forEach(piece -> vocabulary.addArray().add(piece.text()).add(piece.score()));
    return unigram;
  }

  private ObjectNode bpe() {
    ObjectNode bpe =
        part("BPE")
            .put("unk_token", pieces.get(unknown).text())
            .put("fuse_unk", true)
            .put("byte_fallback", byteFallback);
    Map<String, Integer> ids = new HashMap<>();
    ObjectNode vocabulary = bpe.putObject("vocab");
    for (int i = 0; i < pieces.size(); i++) {
      ids.putIfAbsent(pieces.get(i).text(), i);
      vocabulary.put(pieces.get(i).text(), ids.get(pieces.get(i).text()));
    }
    ArrayNode merges = bpe.putArray("merges");
    for (Merge merge : merges(ids)) {
      merges.addArray().add(merge.left()).add(merge.right());
    }
    return bpe;
  }

  private record Merge(String left, String right, double score, int id) {}

  /** Each way to put a piece together from two others; the better the piece, the earlier. */
  private List<Merge> merges(Map<String, Integer> ids) {
    List<Merge> merges = new ArrayList<>();
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      String text = entry.getKey();
      for (int i = 1; i < text.length(); i++) {
        String left = text.substring(0, i);
        String right = text.substring(i);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          int id = entry.getValue();
          merges.add(new Merge(left, right, pieces.get(id).score(), id));
        }
      }
    }
    merges.sort(
        Comparator.comparingDouble(Merge::score)
            .reversed()
            .thenComparingInt(Merge::id)
            .thenComparingInt(merge -> merge.left().length()));
    return merges;
  }
}
