package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Reasoning;
import java.util.List;
import java.util.function.Consumer;

/** Splits a reply into the reasoning that it may begin with and the text behind it. */
final class ReasoningReader {
  private enum State {
    BEFORE,
    INSIDE,
    BEHIND,
    OUTSIDE
  }

  private final ReasoningFormat format;
  private final Consumer<ReplyPart> out;
  private final Consumer<String> rest;
  private final StringBuilder held = new StringBuilder();
  private final TrailingSpace space = new TrailingSpace();
  private final boolean opened;
  private State state = State.BEFORE;
  private boolean begun;

  /**
   * @param opened whether the prompt has opened the reasoning
   * @param rest takes the text behind the reasoning
   */
  ReasoningReader(
      ReasoningFormat format, boolean opened, Consumer<ReplyPart> out, Consumer<String> rest) {
    this.format = format;
    this.opened = opened;
    this.out = out;
    this.rest = rest;
  }

  void append(String text) {
    held.append(text);
    read(false);
  }

  boolean isInside() {
    return state == State.INSIDE;
  }

  void finish() {
    read(true);
  }

  private void read(boolean ended) {
    if (state == State.BEFORE) {
      before(ended);
    }
    if (state == State.INSIDE) {
      inside(ended);
    }
    if (state == State.BEHIND) {
      behind();
    }
    if (state == State.OUTSIDE && !held.isEmpty()) {
      rest.accept(take(held.length()));
    }
  }

  private void before(boolean ended) {
    int start = firstNotSpace();
    boolean possible =
        start == held.length() || Marks.find(held, start, List.of(format.opening())) == start;
    boolean whole = held.length() - start >= format.opening().length();
    if (possible && whole) {
      take(start + format.opening().length());
      state = State.INSIDE;
    } else if (!possible || ended) {
      state = opened ? State.INSIDE : State.OUTSIDE;
    }
  }

  private void inside(boolean ended) {
    int end = Marks.find(held, 0, List.of(format.closing()));
    boolean closes = held.length() - end >= format.closing().length();
    emit(space.pass(take(ended && !closes ? held.length() : end)));
    if (closes) {
      take(format.closing().length());
      state = State.BEHIND;
    }
  }

  /** Line breaks around the marks belong to the marks. */
  private void behind() {
    int start = firstNotSpace();
    if (start < held.length()) {
      take(start);
      state = State.OUTSIDE;
    }
  }

  private void emit(String text) {
    String shown = begun ? text : text.stripLeading();
    if (!shown.isEmpty()) {
      begun = true;
      out.accept(new Reasoning(shown));
    }
  }

  private int firstNotSpace() {
    int i = 0;
    while (i < held.length() && Character.isWhitespace(held.charAt(i))) {
      i++;
    }
    return i;
  }

  private String take(int length) {
    String text = held.substring(0, length);
    held.delete(0, length);
    return text;
  }
}
