package dev.kvasir.runtime.http;

import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.grammar.GrammarException;
import dev.kvasir.runtime.grammar.GrammarSpec;
import dev.kvasir.runtime.grammar.Grammars;
import dev.kvasir.runtime.grammar.Vocabulary;
import dev.kvasir.runtime.tokenizer.TokenBytes;
import java.io.IOException;
import java.nio.file.Path;

/** Compiles the grammars of requests; the first one has the vocabulary read. */
public final class GrammarSource {
  private final Path checkpoint;
  private Grammars grammars;

  /**
   * @param checkpoint directory with the tokenizer.json
   */
  public GrammarSource(Path checkpoint) {
    this.checkpoint = checkpoint;
  }

  /** {@code param} is the request's field that asks for it. */
  Grammar compile(GrammarSpec spec, String param) throws ApiException {
    try {
      return grammars().compile(spec);
    } catch (GrammarException e) {
      throw ApiException.invalid(param, "'" + param + "' can't be used: " + e.getMessage());
    } catch (IOException e) {
      throw ApiException.unsupported(
          param, "'" + param + "' can't be used with this model's tokenizer: " + e.getMessage());
    }
  }

  private synchronized Grammars grammars() throws IOException {
    if (grammars == null) {
      grammars = new Grammars(new Vocabulary(TokenBytes.read(checkpoint)));
    }
    return grammars;
  }
}
