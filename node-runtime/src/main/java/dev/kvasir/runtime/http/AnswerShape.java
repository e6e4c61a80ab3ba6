package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import java.util.List;

/** How one of the generating endpoints writes its answer. */
interface AnswerShape {

  /** id, object, created, model and an empty list of choices. */
  ObjectNode envelope(boolean chunk);

  /** What a stream says of a choice before its first text; null says nothing. */
  ObjectNode opening();

  /** The text of another choice. */
  ChoiceText newText();

  /** {@code offset} is where the tokens' text begins in the choice's. */
  ObjectNode logprobs(List<Token> tokens, int offset);

  /** Where the prompt's ids and log-probabilities go. */
  ObjectNode promptHolder(ObjectNode envelope, ObjectNode choice);
}
