package dev.kvasir.runtime.reply;

import java.util.HashMap;
import java.util.Map;

/**
 * Reads a call out of text that is still being written. What touches the end of the text needs more
 * of it, so that what is read never depends on how the text was cut into pieces.
 */
final class Cursor {
  /** A call that is longer than this is none. */
  private static final int MAX_CALL = 1 << 20;

  private static final int MAX_NAME = 256;

  private final StringBuilder text;
  private final Map<Integer, Extent> extents = new HashMap<>();
  private final Map<Integer, Integer> searched = new HashMap<>();
  private boolean ended;
  private int position;

  Cursor(StringBuilder text) {
    this.text = text;
  }

  /** Begins again; {@code ended} where no more text will come. */
  void restart(int at, boolean textEnded) {
    position = at;
    ended = textEnded;
  }

  /** Forgets what it knows of a text whose beginning has been taken away. */
  void forget() {
    extents.clear();
    searched.clear();
  }

  int position() {
    return position;
  }

  void back(int to) {
    position = to;
  }

  NotACall notACall() {
    return new NotACall(position);
  }

  private NeedMoreText needMore() throws NotACall {
    if (text.length() > MAX_CALL) {
      throw new NotACall(text.length());
    }
    return new NeedMoreText();
  }

  void skipSpace() throws NeedMoreText, NotACall {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
    if (position == text.length() && !ended) {
      throw needMore();
    }
  }

  /** Takes the literal if it comes next. */
  boolean takeIf(String literal) throws NeedMoreText, NotACall {
    int shared = 0;
    int most = Math.min(literal.length(), text.length() - position);
    while (shared < most && text.charAt(position + shared) == literal.charAt(shared)) {
      shared++;
    }
    if (shared == literal.length()) {
      position += shared;
      return true;
    }
    if (position + shared == text.length() && !ended) {
      throw needMore();
    }
    return false;
  }

  boolean takeIfAny(Iterable<String> literals) throws NeedMoreText, NotACall {
    for (String literal : literals) {
      if (takeIf(literal)) {
        return true;
      }
    }
    return false;
  }

  void take(String literal) throws NeedMoreText, NotACall {
    if (!takeIf(literal)) {
      throw notACall();
    }
  }

  /** The text up to the literal, which is taken too. */
  String takeUntil(String literal) throws NeedMoreText, NotACall {
    int from = searched.getOrDefault(position, position);
    int at = text.indexOf(literal, from);
    if (at < 0) {
      searched.put(position, Math.max(from, text.length() - literal.length() + 1));
      throw needMore();
    }
    String before = text.substring(position, at);
    position = at + literal.length();
    return before;
  }

  /** A name as tools have it; may be empty. */
  String takeName() throws NeedMoreText, NotACall {
    int start = position;
    while (position < text.length() && isNamePart(text.charAt(position))) {
      position++;
    }
    if (position - start > MAX_NAME) {
      throw notACall();
    }
    if (position == text.length() && !ended) {
      throw needMore();
    }
    return text.substring(start, position);
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
  }

  /** The text of the JSON object or array that comes next. */
  String takeJson() throws NeedMoreText, NotACall {
    if (!nextIs('{') && !nextIs('[')) {
      throw notACall();
    }
    return takeExtent(extents.computeIfAbsent(position, Extent::json));
  }

  /** The text of the Python list that comes next, or of a call's arguments, brackets included. */
  String takePython() throws NeedMoreText, NotACall {
    if (!nextIs('(') && !nextIs('[')) {
      throw notACall();
    }
    return takeExtent(extents.computeIfAbsent(position, Extent::python));
  }

  private String takeExtent(Extent extent) throws NeedMoreText, NotACall {
    int start = position;
    try {
      position = extent.end(text);
    } catch (NeedMoreText e) {
      throw needMore();
    }
    return text.substring(start, position);
  }

  boolean nextIs(char c) throws NeedMoreText, NotACall {
    if (position < text.length()) {
      return text.charAt(position) == c;
    }
    if (ended) {
      return false;
    }
    throw needMore();
  }
}
