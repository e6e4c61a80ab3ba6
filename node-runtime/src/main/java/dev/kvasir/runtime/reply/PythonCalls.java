package dev.kvasir.runtime.reply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads calls whose arguments are Python literals by name. */
final class PythonCalls {
  private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.-]*");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?");

  private final String text;
  private int position;

  private PythonCalls(String text) {
    this.text = text;
  }

  /**
   * The calls of a text such as {@code [f(x=1), g()]} or {@code f(x=1)}; empty where it is none.
   */
  static List<Call> of(String text) {
    try {
      return new PythonCalls(text).calls();
    } catch (IllegalArgumentException e) {
      return List.of();
    }
  }

  private List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    if (!takeIf('[')) {
      calls.add(call());
    } else {
      while (!takeIf(']')) {
        calls.add(call());
        separator(']');
      }
    }
    require(position == text.length());
    return calls;
  }

  private Call call() {
    String name = match(NAME);
    take('(');
    ObjectNode arguments = JsonCalls.MAPPER.createObjectNode();
    while (!takeIf(')')) {
      String argument = match(NAME);
      take('=');
      arguments.set(argument, value());
      separator(')');
    }
    return new Call(name, arguments.toString());
  }

  private JsonNode value() {
    skipSpace();
    require(position < text.length());
    return switch (text.charAt(position)) {
      case '\'', '"' -> TextNode.valueOf(strings());
      case '[' -> list('[', ']');
      case '(' -> list('(', ')');
      case '{' -> dict();
      default -> word();
    };
  }

  private JsonNode list(char open, char close) {
    take(open);
    ArrayNode list = JsonCalls.MAPPER.createArrayNode();
    while (!takeIf(close)) {
      list.add(value());
      separator(close);
    }
    return list;
  }

  private JsonNode dict() {
    take('{');
    ObjectNode dict = JsonCalls.MAPPER.createObjectNode();
    while (!takeIf('}')) {
      String key = value().asText();
      take(':');
      dict.set(key, value());
      separator('}');
    }
    return dict;
  }

  private JsonNode word() {
    Matcher number = NUMBER.matcher(text).region(position, text.length());
    if (number.lookingAt()) {
      position = number.end();
      return number(number.group());
    }
    return switch (match(NAME)) {
      case "True", "true" -> BooleanNode.TRUE;
      case "False", "false" -> BooleanNode.FALSE;
      case "None", "null" -> NullNode.getInstance();
      default -> throw new IllegalArgumentException("no literal");
    };
  }

  private static JsonNode number(String python) {
    String json = python.startsWith("+") ? python.substring(1) : python;
    return JsonCalls.parse(json)
        .or(() -> JsonCalls.parse(String.valueOf(Double.parseDouble(json))))
        .orElseThrow(() -> new IllegalArgumentException("no number"));
  }

  /** Neighbouring strings are one. */
  private String strings() {
    StringBuilder all = new StringBuilder();
    do {
      string(all);
      skipSpace();
    } while (position < text.length() && "'\"".indexOf(text.charAt(position)) >= 0);
    return all.toString();
  }

  private void string(StringBuilder out) {
    char quote = text.charAt(position++);
    while (text.charAt(position) != quote) {
      char c = text.charAt(position++);
      if (c == '\\') {
        escape(out);
      } else {
        out.append(c);
      }
    }
    position++;
  }

  private void escape(StringBuilder out) {
    char c = text.charAt(position++);
    switch (c) {
      case 'n' -> out.append('\n');
      case 't' -> out.append('\t');
      case 'r' -> out.append('\r');
      case '\n' -> {}
      case '\\', '\'', '"' -> out.append(c);
      case 'x' -> code(2, out);
      case 'u' -> code(4, out);
      default -> out.append('\\').append(c);
    }
  }

  private void code(int digits, StringBuilder out) {
    require(position + digits <= text.length());
    out.append((char) Integer.parseInt(text.substring(position, position + digits), 16));
    position += digits;
  }

  private void separator(char close) {
    skipSpace();
    require(takeIf(',') || (position < text.length() && text.charAt(position) == close));
  }

  private String match(Pattern pattern) {
    skipSpace();
    Matcher matcher = pattern.matcher(text).region(position, text.length());
    require(matcher.lookingAt());
    position = matcher.end();
    return matcher.group();
  }

  private boolean takeIf(char c) {
    skipSpace();
    boolean there = position < text.length() && text.charAt(position) == c;
    position += there ? 1 : 0;
    return there;
  }

  private void take(char c) {
    require(takeIf(c));
  }

  private void skipSpace() {
    while (position < text.length() && Character.isWhitespace(text.charAt(position))) {
      position++;
    }
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException("no call");
    }
  }
}
