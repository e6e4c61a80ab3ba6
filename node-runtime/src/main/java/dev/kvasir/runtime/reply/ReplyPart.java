package dev.kvasir.runtime.reply;

import java.nio.charset.StandardCharsets;

/** A part of a model's reply, in the order in which it was written. */
public sealed interface ReplyPart {

  /** Text for the reader. */
  record Content(String text) implements ReplyPart {}

  /** Text that the model wrote for itself. */
  record Reasoning(String text) implements ReplyPart {}

  /** More of the last call's arguments. */
  record Arguments(String text) implements ReplyPart {}

  /** A call of a tool; the arguments are a JSON object's text, or empty where they come later. */
  record Call(String name, String arguments) implements ReplyPart {

    public Call {
      name = valid(name);
      arguments = valid(arguments);
    }

    /** An escape in JSON may stand for half a character, which no answer can carry. */
    private static String valid(String text) {
      return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
  }
}
