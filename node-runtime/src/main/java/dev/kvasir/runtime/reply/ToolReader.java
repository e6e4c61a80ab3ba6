package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import dev.kvasir.runtime.reply.ReplyPart.Content;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes the calls of tools out of a text while it is written. A call comes out whole, once it is
 * certain that it is one; what turns out to be none comes out as content.
 */
final class ToolReader {
  private final ToolFormat format;
  private final Tools tools;
  private final Consumer<ReplyPart> out;
  private final StringBuilder held = new StringBuilder();
  private final Cursor cursor = new Cursor(held);
  private final TrailingSpace space = new TrailingSpace();
  private boolean lineStart = true;
  private boolean behindCall;

  /** The held text begins with what may become a call. */
  private boolean waiting;

  ToolReader(ToolFormat format, Tools tools, Consumer<ReplyPart> out) {
    this.format = format;
    this.tools = tools;
    this.out = out;
  }

  void append(String text) {
    held.append(text);
    read(false);
  }

  void finish() {
    read(true);
    emit(space.release());
  }

  private void read(boolean ended) {
    while (!held.isEmpty()) {
      if (!waiting) {
        content(format.begin(held, lineStart));
      }
      waiting = !held.isEmpty() && !call(ended);
      if (waiting) {
        return;
      }
    }
  }

  /** Reads what begins at the held text's start; false where more text is needed. */
  private boolean call(boolean ended) {
    cursor.restart(0, ended);
    try {
      List<Call> calls = format.read(cursor, tools);
      space.drop();
      calls.forEach(out);
      remove(cursor.position());
      lineStart = true;
      behindCall = true;
      return true;
    } catch (NotACall e) {
      content(Math.max(1, e.at()));
      return true;
    } catch (NeedMoreText e) {
      if (ended) {
        content(held.length());
      }
      return false;
    }
  }

  /** White space beside a call belongs to neither. */
  private void content(int length) {
    String text = held.substring(0, length);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      lineStart = c == '\n' || (lineStart && Character.isWhitespace(c));
    }
    String shown = behindCall ? text.stripLeading() : text;
    behindCall = behindCall && shown.isEmpty();
    emit(space.pass(shown));
    remove(length);
  }

  private void emit(String text) {
    if (!text.isEmpty()) {
      out.accept(new Content(text));
    }
  }

  private void remove(int length) {
    held.delete(0, length);
    if (length > 0) {
      cursor.forget();
    }
  }
}
