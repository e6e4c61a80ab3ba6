package dev.kvasir.runtime.grammar;

/** A set of texts, told byte by byte. States are values; {@code null} is none any more. */
interface TextSet {
  Object start() throws GrammarException;

  Object after(Object state, int octet) throws GrammarException;

  boolean accepts(Object state);

  /** Marks each byte that this set tells apart from the byte before it. */
  void markBoundaries(boolean[] starts);
}
