package dev.kvasir.runtime.http;

import java.util.concurrent.ThreadLocalRandom;

/** Names for calls, by which a client gives their results back. */
final class ToolCallIds {
  private static final String CHARACTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private ToolCallIds() {}

  /** Mistral's templates take ids of nine letters and digits only. */
  static String next(boolean bare) {
    return bare ? random(9) : "call_" + random(24);
  }

  private static String random(int length) {
    StringBuilder id = new StringBuilder();
    ThreadLocalRandom.current()
        .ints(length, 0, CHARACTERS.length())
        .forEach(i -> id.append(CHARACTERS.charAt(i)));
    return id.toString();
  }
}
