package dev.kvasir.runtime.reply;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Finds where a bracketed value ends, going on where it stopped when more text has come. It checks
 * what can be seen in passing, so that text that is no such value is let go early.
 */
final class Extent {
  private static final int MAX_DEPTH = 64;
  private static final String JSON_CHARACTERS = ",:+-.0123456789eEtrufalsn \t\r\n";

  private final boolean python;
  private final Deque<Character> open = new ArrayDeque<>();
  private int next;
  private char quote;
  private boolean escaped;
  private boolean closed;

  private Extent(int start, boolean python) {
    this.next = start;
    this.python = python;
  }

  /** Of a JSON object or array. */
  static Extent json(int start) {
    return new Extent(start, false);
  }

  /** Of a Python list, or of the arguments of a call. */
  static Extent python(int start) {
    return new Extent(start, true);
  }

  /** The index behind the value's end. */
  int end(CharSequence text) throws NeedMoreText, NotACall {
    while (!closed && next < text.length()) {
      step(text.charAt(next));
      next++;
      closed = open.isEmpty();
    }
    if (closed) {
      return next;
    }
    throw new NeedMoreText();
  }

  private void step(char c) throws NotACall {
    if (quote != 0) {
      inString(c);
      return;
    }
    switch (c) {
      case '"' -> quote = c;
      case '\'' -> {
        refuseUnless(python);
        quote = c;
      }
      case '{', '[', '(' -> {
        refuseUnless(open.size() < MAX_DEPTH && (python || c != '('));
        open.push(c);
      }
      case '}', ']', ')' -> refuseUnless("}])".indexOf(c) == "{[(".indexOf(open.pop()));
      default -> refuseUnless(python || JSON_CHARACTERS.indexOf(c) >= 0);
    }
  }

  private void inString(char c) throws NotACall {
    if (escaped) {
      escaped = false;
    } else if (c == '\\') {
      escaped = true;
    } else if (c == quote) {
      quote = 0;
    } else {
      refuseUnless(python || c >= ' ');
    }
  }

  private void refuseUnless(boolean possible) throws NotACall {
    if (!possible) {
      throw new NotACall(next);
    }
  }
}
