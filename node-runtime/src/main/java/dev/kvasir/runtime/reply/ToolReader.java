package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Arguments;
import dev.kvasir.runtime.reply.ReplyPart.Call;
import dev.kvasir.runtime.reply.ReplyPart.Content;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes the calls of tools out of a text while it is written. Where its name comes before its
 * arguments, a call comes out once these begin and they follow as they are written; else it comes
 * out whole, once it is certain that it is one. What turns out to be none comes out as content.
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

  /** Null unless they are being passed on. */
  private ArgumentsReader arguments;

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
    if (arguments == null && begins(ended)) {
      arguments = new ArgumentsReader();
    }
    return arguments == null ? wholeCall(ended) : arguments(ended);
  }

  /** Whether a call has begun whose arguments can be passed on as they come. */
  private boolean begins(boolean ended) {
    cursor.restart(0, ended);
    try {
      String name = format.readBeginning(cursor, tools);
      if (name == null) {
        return false;
      }
      space.drop();
      out.accept(new Call(name, ""));
      remove(cursor.position());
      return true;
    } catch (NotACall | NeedMoreText e) {
      return false;
    }
  }

  private boolean arguments(boolean ended) {
    String part = arguments.take(held);
    cursor.forget();
    if (!part.isEmpty()) {
      out.accept(new Arguments(part));
    }
    if (!arguments.hasEnded()) {
      return false;
    }
    cursor.restart(0, ended);
    try {
      format.readEnd(cursor);
      remove(cursor.position());
    } catch (NeedMoreText e) {
      return false;
    } catch (NotACall e) {
      remove(e.at());
    }
    arguments = null;
    lineStart = true;
    behindCall = true;
    return true;
  }

  /** Reads what begins at the held text's start; false where more text is needed. */
  private boolean wholeCall(boolean ended) {
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
