package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens as jinja2 does with {@code trim_blocks} and {@code lstrip_blocks}
 * on: the settings of transformers.
 */
final class Lexer {
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")",
          "[", "]", "{", "}", ",", ".", ":", "|");
  private static final Pattern NUMBER =
      Pattern.compile("\\d+(?:_\\d+)*(?<f>\\.\\d+(?:_\\d+)*)?(?<e>[eE][+-]?\\d+)?");

  /** Behind a dot: {@code a.0.1} reads two indexes, no fraction. */
  private static final Pattern INDEX = Pattern.compile("\\d+");

  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
  private static final Pattern RAW = Pattern.compile("\\{%[-+]?\\s*raw\\s*(?<sign>-?)%\\}");
  private static final Pattern END_RAW =
      Pattern.compile("\\{%(?<sign>[-+]?)\\s*endraw\\s*(?<end>[-+]?)%\\}");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<Character> open = new ArrayDeque<>();
  private int position;
  private int line = 1;
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    return new Lexer(source).run();
  }

  private List<Token> run() {
    while (position < source.length()) {
      int tag = nextTag(position);
      data(source.substring(position, tag), tag);
      if (tag < source.length()) {
        tag(tag);
      }
    }
    add(Kind.END, "");
    return tokens;
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  private void data(String text, int tag) {
    String kept = text;
    if (tag < source.length()) {
      char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
      if (sign == '-') {
        kept = text.stripTrailing();
      } else if (sign != '+' && source.charAt(tag + 1) != '{') {
        kept = withoutIndent(text);
      }
    }
    if (!kept.isEmpty()) {
      add(Kind.DATA, kept);
    }
    advance(tag);
  }

  private String withoutIndent(String text) {
    int start = text.lastIndexOf('\n') + 1;
    boolean atLineStart = start > 0 || lineStarts;
    return atLineStart && text.substring(start).isBlank() ? text.substring(0, start) : text;
  }

  private void tag(int start) {
    switch (source.charAt(start + 1)) {
      case '#' -> comment(start);
      case '{' -> {
        add(Kind.VARIABLE_BEGIN, "{{");
        inside(start, "}}", Kind.VARIABLE_END);
      }
      default -> {
        Matcher raw = RAW.matcher(source).region(start, source.length());
        if (raw.lookingAt()) {
          raw(raw);
        } else {
          add(Kind.BLOCK_BEGIN, "{%");
          inside(start, "%}", Kind.BLOCK_END);
        }
      }
    }
  }

  private void comment(int start) {
    int end = source.indexOf("#}", start + 2);
    if (end < 0) {
      throw TemplateException.at(line, "the comment that starts here with '{#' is never closed");
    }
    advance(end + 2);
    afterTag(source.charAt(end - 1), true);
  }

  private void raw(Matcher begin) {
    Matcher end = END_RAW.matcher(source);
    if (!end.find(begin.end())) {
      throw TemplateException.at(line, "'raw' is never closed by 'endraw'");
    }
    String text = source.substring(begin.end(), end.start());
    text = begin.group("sign").isEmpty() ? text : text.stripLeading();
    text =
        switch (end.group("sign")) {
          case "-" -> text.stripTrailing();
          case "+" -> text;
          default -> withoutIndent(text);
        };
    add(Kind.DATA, text);
    advance(end.end());
    afterTag(end.group("end").isEmpty() ? ' ' : end.group("end").charAt(0), true);
  }

  private void inside(int start, String closing, Kind end) {
    int at = start + 2;
    if (at < source.length() && "-+".indexOf(source.charAt(at)) >= 0) {
      at++;
    }
    advance(at);
    open.clear();
    while (true) {
      skipSpace();
      if (position >= source.length()) {
        throw TemplateException.at(line, "the tag is never closed by '" + closing + "'");
      }
      char c = source.charAt(position);
      boolean signed = (c == '-' || c == '+') && source.startsWith(closing, position + 1);
      if (open.isEmpty() && (signed || source.startsWith(closing, position))) {
        add(end, closing);
        advance(position + (signed ? 3 : 2));
        afterTag(signed ? c : ' ', end == Kind.BLOCK_END);
        return;
      }
      token(c);
    }
  }

  /** What a closing tag's sign, or trim_blocks, removes behind it. */
  private void afterTag(char sign, boolean block) {
    lineStarts = false;
    if (sign == '-') {
      int before = position;
      skipSpace();
      lineStarts = position > before && source.charAt(position - 1) == '\n';
    } else if (block && sign != '+' && source.startsWith("\n", position)) {
      advance(position + 1);
      lineStarts = true;
    }
  }

  private void token(char c) {
    if (c == '\'' || c == '"') {
      string(c);
    } else if (Character.isDigit(c)) {
      number();
    } else {
      Matcher name = NAME.matcher(source).region(position, source.length());
      if (name.lookingAt()) {
        add(Kind.NAME, name.group());
        advance(name.end());
      } else {
        operator();
      }
    }
  }

  private void number() {
    boolean index = source.charAt(position - 1) == '.';
    Matcher number = (index ? INDEX : NUMBER).matcher(source).region(position, source.length());
    if (!number.lookingAt()) {
      throw unexpected();
    }
    boolean whole = index || (number.group("f") == null && number.group("e") == null);
    add(whole ? Kind.INTEGER : Kind.FLOAT, number.group().replace("_", ""));
    advance(number.end());
  }

  private void operator() {
    String operator =
        OPERATORS.stream()
            .filter(o -> source.startsWith(o, position))
            .findFirst()
            .orElseThrow(this::unexpected);
    char c = operator.charAt(0);
    if (operator.length() == 1 && "([{".indexOf(c) >= 0) {
      open.push(c);
    } else if (operator.length() == 1 && ")]}".indexOf(c) >= 0) {
      if (open.isEmpty() || ")]}".indexOf(c) != "([{".indexOf(open.pop())) {
        throw TemplateException.at(line, "'" + c + "' closes nothing");
      }
    }
    add(Kind.OPERATOR, operator);
    advance(position + operator.length());
  }

  private TemplateException unexpected() {
    return TemplateException.at(line, "unexpected character '" + source.charAt(position) + "'");
  }

  private void string(char quote) {
    StringBuilder value = new StringBuilder();
    int i = position + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      char c = source.charAt(i++);
      if (c != '\\' || i >= source.length()) {
        value.append(c);
      } else {
        i = escape(i, value);
      }
    }
    if (i >= source.length()) {
      throw TemplateException.at(line, "the string that starts here is never closed");
    }
    add(Kind.STRING, value.toString());
    advance(i + 1);
  }

  private int escape(int i, StringBuilder value) {
    char c = source.charAt(i);
    switch (c) {
      case 'n' -> value.append('\n');
      case 't' -> value.append('\t');
      case 'r' -> value.append('\r');
      case 'b' -> value.append('\b');
      case 'f' -> value.append('\f');
      case 'v' -> value.append('\u000b');
      case '0' -> value.append('\0');
      case '\\', '\'', '"' -> value.append(c);
      case 'x' -> {
        return codePoint(i, 2, value);
      }
      case 'u' -> {
        return codePoint(i, 4, value);
      }
      case 'U' -> {
        return codePoint(i, 8, value);
      }
      default -> value.append('\\').append(c);
    }
    return i + 1;
  }

  private int codePoint(int i, int digits, StringBuilder value) {
    int end = i + 1 + digits;
    try {
      value.appendCodePoint(Integer.parseInt(source.substring(i + 1, end), 16));
      return end;
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw TemplateException.at(
          line, "'\\" + source.charAt(i) + "' must be followed by " + digits + " hex digits");
    }
  }

  private void skipSpace() {
    int i = position;
    while (i < source.length() && Character.isWhitespace(source.charAt(i))) {
      i++;
    }
    advance(i);
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void advance(int to) {
    for (int i = position; i < to; i++) {
      if (source.charAt(i) == '\n') {
        line++;
      }
    }
    position = to;
  }
}
