package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;

/** Copies a tokenizer.json that was looked through with other parts, its vocabulary as it comes. */
final class TokenizerRewriter {
  private TokenizerRewriter() {}

  /**
   * @param parts fields of the file, and {@code model} settings of its model: each in place of what
   *     the file says
   */
  static String rewritten(String text, Map<String, JsonNode> parts, Map<String, JsonNode> model)
      throws IOException {
    StringWriter out = new StringWriter(text.length() + 4096);
    try (JsonParser in = TokenizerFile.MAPPER.createParser(text);
        JsonGenerator json = TokenizerFile.MAPPER.createGenerator(out)) {
      in.nextToken();
      object(in, json, parts, model);
    }
    return out.toString();
  }

  private static void object(
      JsonParser in, JsonGenerator out, Map<String, JsonNode> changed, Map<String, JsonNode> model)
      throws IOException {
    out.writeStartObject();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String field = in.currentName();
      in.nextToken();
      if (changed.containsKey(field)) {
        in.skipChildren();
      } else if (field.equals("model") && !model.isEmpty()) {
        out.writeFieldName(field);
        object(in, out, model, Map.of());
      } else {
        out.writeFieldName(field);
        out.copyCurrentStructure(in);
      }
    }
    for (Map.Entry<String, JsonNode> field : changed.entrySet()) {
      out.writeFieldName(field.getKey());
      out.writeTree(field.getValue());
    }
    out.writeEndObject();
  }
}
