package dev.kvasir.runtime.grammar;

import java.util.List;

/** A regular expression as a tree. */
sealed interface Regex {
  record Empty() implements Regex {}

  record Characters(CodePoints set) implements Regex {}

  record Sequence(List<Regex> parts) implements Regex {}

  record Either(List<Regex> parts) implements Regex {}

  /** {@code most} is {@link #UNBOUNDED} where there is no bound. */
  record Repeated(Regex part, int least, int most) implements Regex {}

  /** Where the text begins. */
  record Beginning() implements Regex {}

  /** Where the text ends. */
  record Ending() implements Regex {}

  int UNBOUNDED = -1;
}
