package dev.kvasir.runtime.reply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/** Qwen3-Coder: tags, with each argument as bare text whose type only the tool's schema tells. */
record QwenXml() implements ToolFormat {
  private static final String CALL = "<tool_call>";
  private static final String FUNCTION = "<function=";
  private static final int MAX_ARGUMENTS = 256;

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    return Marks.find(text, 0, List.of(CALL, FUNCTION));
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    in.takeIf(CALL);
    in.skipSpace();
    in.take(FUNCTION);
    String name = in.takeName();
    in.take(">");
    ObjectNode arguments = JsonCalls.MAPPER.createObjectNode();
    in.skipSpace();
    for (int i = 0; !in.takeIf("</function>"); i++) {
      if (i == MAX_ARGUMENTS) {
        throw in.notACall();
      }
      in.take("<parameter=");
      String argument = in.takeUntil(">");
      String text = withoutNewlines(in.takeUntil("</parameter>"));
      arguments.set(argument, value(text, tools.argument(name, argument)));
      in.skipSpace();
    }
    if (name.isEmpty()) {
      throw in.notACall();
    }
    in.skipSpace();
    in.takeIf("</tool_call>");
    return List.of(new Call(name, arguments.toString()));
  }

  private static String withoutNewlines(String text) {
    int start = text.startsWith("\n") ? 1 : 0;
    int end = text.endsWith("\n") && text.length() > start ? text.length() - 1 : text.length();
    return text.substring(start, end);
  }

  private static JsonNode value(String text, JsonNode schema) {
    boolean isText = schema.path("type").asText().equals("string");
    return isText ? TextNode.valueOf(text) : JsonCalls.parse(text).orElse(TextNode.valueOf(text));
  }

  @Override
  public boolean hasSpecialMarks() {
    return false;
  }
}
