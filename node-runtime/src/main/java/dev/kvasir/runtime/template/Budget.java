package dev.kvasir.runtime.template;

/** What one rendering may use: a template comes with a checkpoint and is not to be trusted. */
final class Budget {
  static final int MAX_OUTPUT = 16 << 20;
  private static final int MAX_STEPS = 5_000_000;
  private static final int MAX_CALL_DEPTH = 64;

  private long steps;
  private int depth;
  private long written;

  void step() {
    steps(1);
  }

  /** What makes or walks a list counts as much as it has items. */
  void steps(int count) {
    steps += count;
    if (steps > MAX_STEPS) {
      throw new TemplateException("rendering takes more than " + MAX_STEPS + " steps");
    }
  }

  /** Text that was written or made; counted over the whole rendering. */
  void text(long characters) {
    written += characters;
    if (written > MAX_OUTPUT) {
      throw new TemplateException("rendering makes more than " + MAX_OUTPUT + " characters");
    }
  }

  void enter(int line) {
    if (++depth > MAX_CALL_DEPTH) {
      throw TemplateException.at(line, "macros call each other more than 64 deep");
    }
  }

  void leave() {
    depth--;
  }
}
