package dev.kvasir.runtime.grammar;

/** Asks a set of texts about one text. */
final class Texts {
  private Texts() {}

  static boolean holds(TextSet set, byte[] text) throws GrammarException {
    Object state = set.start();
    for (int i = 0; i < text.length && state != null; i++) {
      state = set.after(state, text[i] & 0xff);
    }
    return state != null && set.accepts(state);
  }
}
