package dev.kvasir.runtime.http;

import dev.kvasir.runtime.reply.Formats;
import dev.kvasir.runtime.reply.ReasoningFormat;
import dev.kvasir.runtime.reply.ToolFormat;
import dev.kvasir.runtime.template.ChatTemplate;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How this model writes its reasoning and its calls of tools.
 *
 * @param tools null where its text is not looked through for calls
 * @param reasoning null where its text is not looked through for reasoning
 * @param toolsInWords whether tools have to be put into words, because the chat template takes none
 * @param obstacle why a request can't offer tools; null where it can
 */
public record ReplyFormats(
    ToolFormat tools, ReasoningFormat reasoning, boolean toolsInWords, String obstacle) {

  /**
   * The formats of these names (vLLM's, auto or none).
   *
   * @throws IllegalArgumentException where a name is not known
   */
  public static ReplyFormats of(
      Optional<ChatTemplate> template, String tools, String reasoning, boolean autoToolChoice) {
    String source = template.map(ChatTemplate::source).orElse("");
    Optional<ToolFormat> format = named("--tool-call-parser", () -> Formats.tools(tools, source));
    boolean inWords = Formats.areInWords(tools, source);
    return new ReplyFormats(
        format.orElse(null),
        named("--reasoning-parser", () -> Formats.reasoning(reasoning, source)).orElse(null),
        inWords,
        obstacle(inWords || Formats.takesTools(source), format.isPresent(), autoToolChoice));
  }

  boolean hasBareIds() {
    return tools != null && tools.hasBareIds();
  }

  private static String obstacle(boolean canBeShown, boolean hasFormat, boolean autoToolChoice) {
    if (!autoToolChoice) {
      return "the server was started with --no-enable-auto-tool-choice";
    }
    if (!hasFormat) {
      return "the server was started with --tool-call-parser none";
    }
    return canBeShown
        ? null
        : "this model's chat template does not write them into the prompt: start the server with"
            + " --tool-call-parser auto, which does, or with another --chat-template";
  }

  private static <T> T named(String flag, Supplier<T> format) {
    try {
      return format.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(flag + " " + e.getMessage(), e);
    }
  }
}
