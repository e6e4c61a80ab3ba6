package dev.kvasir.e2e.load;

import java.io.Serial;

/** What was wrong with an answer: a kind to count by, and what exactly was seen. */
final class Flaw extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final String kind;

  Flaw(String kind, String message) {
    super(message);
    this.kind = kind;
  }

  String kind() {
    return kind;
  }
}
