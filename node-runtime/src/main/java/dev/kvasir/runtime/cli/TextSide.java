package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.template.ChatTemplate;
import dev.kvasir.runtime.template.TemplateException;
import dev.kvasir.runtime.template.TemplateFiles;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The tokenizer and the chat template of a checkpoint. */
record TextSide(Tokenizer tokenizer, Optional<ChatTemplate> template) {

  static TextSide load(Path checkpoint) throws CommandFailedException {
    return load(checkpoint, null);
  }

  /** With a chat template of one's own, unless it is null. */
  static TextSide load(Path checkpoint, Path template) throws CommandFailedException {
    try {
      Optional<ChatTemplate> chat =
          template == null
              ? TemplateFiles.read(checkpoint)
              : Optional.of(TemplateFiles.read(checkpoint, template));
      return new TextSide(Tokenizer.load(checkpoint), chat);
    } catch (IOException e) {
      throw new CommandFailedException(e.getMessage());
    } catch (TemplateException e) {
      throw new CommandFailedException(
          "the chat template "
              + (template == null ? "of " + checkpoint : template)
              + " can't be used: "
              + e.getMessage());
    }
  }
}
