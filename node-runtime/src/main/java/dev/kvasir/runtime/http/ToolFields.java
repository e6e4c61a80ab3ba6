package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.http.ToolAsk.Choice;
import dev.kvasir.runtime.reply.Tools;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}. */
final class ToolFields {
  private static final int MAX_TOOLS = 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  private final ServedModel model;
  private final Fields fields;
  private final List<Object> forTemplate = new ArrayList<>();
  private final Map<String, JsonNode> parameters = new LinkedHashMap<>();

  private ToolFields(ServedModel model, Fields fields) {
    this.model = model;
    this.fields = fields;
  }

  static ToolAsk read(ServedModel model, Fields fields) throws ApiException {
    ToolFields reading = new ToolFields(model, fields);
    reading.tools();
    Choice choice = reading.choice();
    boolean parallel = fields.bool("parallel_tool_calls", true);
    List<Object> offered = reading.forTemplate.isEmpty() ? null : reading.forTemplate;
    return new ToolAsk(offered, new Tools(reading.parameters), choice, parallel);
  }

  private void tools() throws ApiException {
    List<Fields> given = fields.objects("tools");
    if (given == null) {
      return;
    }
    if (given.size() > MAX_TOOLS) {
      throw ApiException.invalid(
          "tools", "'tools' may hold at most " + MAX_TOOLS + " tools, got " + given.size());
    }
    for (Fields tool : given) {
      tool(tool);
    }
    fields.get("tools").forEach(tool -> forTemplate.add(PlainValues.of(tool)));
  }

  private void tool(Fields tool) throws ApiException {
    String type = tool.string("type", "");
    if (!type.equals("function")) {
      throw tool.invalid("type", "must be function, got '" + type + "'");
    }
    Fields function = tool.object("function");
    if (function == null) {
      throw tool.invalid("function", "is missing");
    }
    String name = function.string("name", "");
    if (!NAME.matcher(name).matches()) {
      throw function.invalid(
          "name", "must be 1 to 64 letters, digits, '_', '-' or '.', got '" + name + "'");
    }
    function.string("description", "");
    function.bool("strict", false);
    JsonNode schema = function.get("parameters");
    if (schema != null && !schema.isObject()) {
      throw function.invalid("parameters", "must be a JSON schema, got " + Fields.describe(schema));
    }
    if (parameters.put(name, schema == null ? JsonText.newObject() : schema) != null) {
      throw function.invalid("name", "stands for two tools: '" + name + "'");
    }
    function.refuseUnread();
    tool.refuseUnread();
  }

  private Choice choice() throws ApiException {
    JsonNode value = fields.get("tool_choice");
    boolean offered = !parameters.isEmpty();
    if (value == null) {
      return offered ? auto() : new Choice.None();
    }
    if (value.isObject()) {
      return named();
    }
    String choice = Fields.text(value, "tool_choice");
    if (!offered && (choice.equals("auto") || choice.equals("required"))) {
      throw ApiException.invalid("tool_choice", "'tool_choice' " + choice + " needs 'tools'");
    }
    return switch (choice) {
      case "none" -> new Choice.None();
      case "auto" -> auto();
      case "required" -> new Choice.Required();
      default ->
          throw ApiException.invalid(
              "tool_choice",
              "'tool_choice' must be none, auto, required or {\"type\": \"function\", \"function\":"
                  + " {\"name\": ...}}, got '"
                  + choice
                  + "'");
    };
  }

  private Choice auto() throws ApiException {
    String obstacle = model.replies().obstacle();
    if (obstacle != null) {
      throw ApiException.unsupported("tools", "'tools' can't be used: " + obstacle);
    }
    return new Choice.Auto();
  }

  private Choice named() throws ApiException {
    Fields choice = fields.object("tool_choice");
    String type = choice.string("type", "function");
    Fields function = choice.object("function");
    String name = function == null ? null : function.string("name", null);
    if (!type.equals("function") || name == null) {
      throw ApiException.invalid(
          "tool_choice",
          "'tool_choice' must be {\"type\": \"function\", \"function\": {\"name\": ...}}");
    }
    if (!parameters.containsKey(name)) {
      throw ApiException.invalid(
          "tool_choice",
          "'tool_choice' names the tool '" + name + "', which 'tools' does not hold");
    }
    function.refuseUnread();
    choice.refuseUnread();
    return new Choice.Named(name);
  }
}
