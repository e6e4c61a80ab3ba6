package dev.kvasir.runtime.http;

import dev.kvasir.runtime.reply.Tools;
import java.util.List;

/**
 * The tools that a request offers, and how far the model is free in calling them.
 *
 * @param forTemplate as the chat template reads them; null where none are offered
 * @param parallel whether one reply may hold several calls
 */
record ToolAsk(List<Object> forTemplate, Tools tools, Choice choice, boolean parallel) {

  /** Whether, and what, the model must call. */
  sealed interface Choice {
    record None() implements Choice {}

    record Auto() implements Choice {}

    /** At least one, whichever. */
    record Required() implements Choice {}

    record Named(String tool) implements Choice {}
  }
}
