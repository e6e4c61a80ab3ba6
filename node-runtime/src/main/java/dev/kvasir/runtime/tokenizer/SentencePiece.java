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
  private int end = 2;
  private boolean suffixes;
  private byte[] charsmap = {};
  private boolean dummyPrefix = true;
  private boolean trims = true;

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
        case 24 -> suffixes = in.int32() != 0;
        case 35 -> byteFallback = in.int32() != 0;
        case 40 -> unknown = in.int32();
        case 41 -> begin = in.int32();
        case 42 -> end = in.int32();
        default -> in.skip();
      }
    }
  }

  private void normalizer(Protobuf in) {
    while (in.next()) {
      switch (in.field()) {
        case 2 -> charsmap = in.bytes();
        case 3 -> dummyPrefix = in.int32() != 0;
        case 4 -> trims = in.int32() != 0;
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
    if (unknown < 0 || Math.max(unknown, Math.max(begin, end)) >= pieces.size()) {
      throw new IOException(
          file + ": the id of its unknown, BOS or EOS piece is beyond its pieces");
    }
  }

  /** The texts of its unknown token, BOS and EOS by transformers' names for them. */
  Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    names.put("unk_token", pieces.get(unknown).text());
    if (begin >= 0) {
      names.put("bos_token", pieces.get(begin).text());
    }
    if (end >= 0) {
      names.put("eos_token", pieces.get(end).text());
    }
    return names;
  }

  /** The pieces that a text is never split within. */
  List<AddedToken> symbols() {
    return pieces.stream()
        .filter(piece -> piece.kind() == CONTROL || piece.kind() == USER_DEFINED)
        .map(piece ->
            piece.kind() == CONTROL
                ? AddedToken.special(piece.text())
                : AddedToken.plain(piece.text(), false))
        .toList();
  }

  /**
   * The tokenizer.json that says the same, without added tokens.
   *
   * @param type the class of transformers that puts its own parts to the model; where there is
   *     none, SentencePiece itself is what the result is to equal
   */
  String toTokenizerJson(TokenizerClass type) throws IOException {
    if (type == TokenizerClass.FILE && suffixes) {
      throw new IOException(
          file + ": treat_whitespace_as_suffix is not supported: only spaces before words are");
    }
    ObjectNode root = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    root.set("normalizer", normalizer());
    root.set("pre_tokenizer", ClassParts.metaspace(dummyPrefix ? "first" : "never"));
    root.set("decoder", ClassParts.spaces(true, dummyPrefix));
    root.set("model", model == BPE || type != TokenizerClass.FILE ? bpe(type) : unigram());
    return root.toString();
  }

  boolean isBpe() {
    return model == BPE;
  }

  private ObjectNode normalizer() {
    ObjectNode sequence = ClassParts.part("Sequence");
    ArrayNode steps = sequence.putArray("normalizers");
    if (charsmap.length > 0) {
      steps.add(
          ClassParts.part("Precompiled")
              .put("precompiled_charsmap", Base64.getEncoder().encodeToString(charsmap)));
    }
    if (trims) {
      steps.add(ClassParts.part("Strip").put("strip_left", true).put("strip_right", true));
      ObjectNode several = ClassParts.part("Replace").put("content", " ");
      several.putObject("pattern").put("Regex", " {2,}");
      steps.add(several);
    }
    return steps.isEmpty() ? null : sequence;
  }

  private ObjectNode unigram() {
    ObjectNode unigram =
        ClassParts.part("Unigram").put("unk_id", unknown).put("byte_fallback", byteFallback);
    ArrayNode vocabulary = unigram.putArray("vocab");
    pieces.forEach(piece -> vocabulary.addArray().add(piece.text()).add(piece.score()));
    return unigram;
  }

  private ObjectNode bpe(TokenizerClass type) {
    ObjectNode bpe =
        ClassParts.part("BPE")
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
    for (Merge merge : merges(ids, type)) {
      merges.addArray().add(merge.left()).add(merge.right());
    }
    return bpe;
  }

  private record Merge(String left, String right, double score, int id) {}

  /**
   * Each way to put a piece together from two others; the better the piece, the earlier.
   * Transformers' classes take the order of the ids for that.
   */
  private List<Merge> merges(Map<String, Integer> ids, TokenizerClass type) {
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
    Comparator<Merge> byScore = Comparator.comparingDouble(Merge::score).reversed();
    merges.sort(
        (type == TokenizerClass.FILE ? byScore : Comparator.<Merge>comparingInt(_ -> 0))
            .thenComparingInt(Merge::id)
            .thenComparingInt(merge -> merge.left().length()));
    return merges;
  }
}
