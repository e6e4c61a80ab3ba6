package dev.kvasir.runtime.grammar;

import java.util.List;

/**
 * What an answer may be, as it was asked for. Parts can be put together: a tool call is {@code
 * Sequence(Text("<tool_call>{\"name\": \"f\", \"arguments\": "), JsonSchema(parameters),
 * Text("}</tool_call>"))}, several of them {@link Several}, a choice between tools {@link AnyOf}.
 */
public sealed interface GrammarSpec {

  /** A JSON value that meets a schema, given as JSON text: the order of its properties matters. */
  record JsonSchema(String schema) implements GrammarSpec {}

  /** Any JSON object. */
  record JsonObject() implements GrammarSpec {}

  /** A text that a regular expression matches from its beginning to its end. */
  record Pattern(String expression) implements GrammarSpec {}

  /** One of several texts. */
  record Choice(List<String> texts) implements GrammarSpec {
    public Choice {
      texts = List.copyOf(texts);
    }
  }

  /** A fixed text. */
  record Text(String text) implements GrammarSpec {}

  /** One token that the vocabulary has no bytes for, such as a special one. */
  record Token(int id) implements GrammarSpec {}

  /** Any text up to and with a mark, which is a {@link Text} or a {@link Token}. */
  record Until(GrammarSpec mark) implements GrammarSpec {}

  /** One part after the other. */
  record Sequence(List<GrammarSpec> parts) implements GrammarSpec {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  /** One of its parts. */
  record AnyOf(List<GrammarSpec> parts) implements GrammarSpec {
    public AnyOf {
      parts = List.copyOf(parts);
    }
  }

  /** The same part min to max times, with a text in between. */
  record Several(GrammarSpec part, String separator, int min, int max) implements GrammarSpec {}
}
