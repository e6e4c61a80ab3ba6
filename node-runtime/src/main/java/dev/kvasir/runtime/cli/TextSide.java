package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.template.ChatTemplate;
import dev.kvasir.runtime.template.TemplateException;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The tokenizer and the chat template of a checkpoint. */
record TextSide(Tokenizer tokenizer, Optional<ChatTemplate> template) {

  static TextSide load(Path checkpoint) throws CommandFailedException {
    try {
      return new TextSide(Tokenizer.load(checkpoint), ChatTemplate.load(checkpoint));
    } catch (IOException e) {
      throw new CommandFailedException(e.getMessage());
    } catch (TemplateException e) {
      throw new CommandFailedException(
          "the chat template of " + checkpoint + " can't be used: " + e.getMessage());
    }
  }
}
