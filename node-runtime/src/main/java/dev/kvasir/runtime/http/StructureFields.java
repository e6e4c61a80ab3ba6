package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.grammar.GrammarSpec;
import dev.kvasir.runtime.reply.ReasoningFormat;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What an output has to be: OpenAI's {@code response_format}, vLLM's {@code structured_outputs} and
 * its older {@code guided_*}.
 */
final class StructureFields {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final List<String> FIELDS =
      List.of(
          "response_format",
          "structured_outputs",
          "guided_json",
          "guided_regex",
          "guided_choice",
          "tool_choice");

  private final Fields fields;
  private final List<Asked> asked = new ArrayList<>();

  /** A grammar and the field that asks for it. */
  private record Asked(GrammarSpec spec, String param) {}

  private StructureFields(Fields fields) {
    this.fields = fields;
  }

  /**
   * The grammar that a request's output has to follow, or null.
   *
   * @param reply how replies are read: reasoning may come before what the grammar is about
   */
  static Grammar read(Fields fields, ServedModel model, ReplyRules reply) throws ApiException {
    StructureFields reading = new StructureFields(fields);
    reading.responseFormat();
    reading.structuredOutputs();
    reading.guided();
    reading.calls(reply);
    if (reading.asked.isEmpty()) {
      return null;
    }
    Asked asked = reading.only();
    if (fields.bool("ignore_eos", false)) {
      throw ApiException.invalid(
          "ignore_eos", "'ignore_eos' can't be used with '" + asked.param() + "'");
    }
    GrammarSpec whole = withReasoning(asked.spec(), reply, model.tokenizer());
    return model.grammars().compile(whole, asked.param());
  }

  /** Whether there may be a grammar to compile. */
  static boolean mayBeIn(Fields fields) {
    return FIELDS.stream().anyMatch(fields::has);
  }

  private Asked only() throws ApiException {
    if (asked.size() > 1) {
      throw ApiException.invalid(
          asked.get(1).param(),
          "'%s' and '%s' both say what the output has to be: send one of them"
              .formatted(asked.get(0).param(), asked.get(1).param()));
    }
    return asked.getFirst();
  }

  private void add(Fields in, String field, GrammarSpec spec) {
    asked.add(new Asked(spec, in.path(field)));
  }

  private void responseFormat() throws ApiException {
    Fields format = fields.object("response_format");
    if (format == null) {
      return;
    }
    String type = format.string("type", "");
    switch (type) {
      case "text" -> {}
      case "json_object" -> asked.add(new Asked(new GrammarSpec.JsonObject(), "response_format"));
      case "json_schema" -> jsonSchema(format);
      default ->
          throw format.invalid(
              "type", "must be text, json_object or json_schema, got '" + type + "'");
    }
    format.refuseUnread();
  }

  /** It is always enforced, whether strict or not. */
  private void jsonSchema(Fields format) throws ApiException {
    Fields named = format.object("json_schema");
    if (named == null) {
      throw format.invalid("json_schema", "is missing");
    }
    String name = named.string("name", "");
    if (!NAME.matcher(name).matches()) {
      throw named.invalid(
          "name", "must be 1 to 64 letters, digits, '_' or '-', got '" + name + "'");
    }
    named.string("description", "");
    named.bool("strict", true);
    JsonNode schema = named.get("schema");
    if (schema == null) {
      throw named.invalid("schema", "is missing");
    }
    add(named, "schema", new GrammarSpec.JsonSchema(schema.toString()));
    named.refuseUnread();
  }

  private void structuredOutputs() throws ApiException {
    Fields outputs = fields.object("structured_outputs");
    if (outputs == null) {
      return;
    }
    json(outputs, "json");
    regex(outputs, "regex");
    choice(outputs, "choice");
    if (outputs.bool("json_object", false)) {
      add(outputs, "json_object", new GrammarSpec.JsonObject());
    }
    outputs.accept("disable_fallback");
    for (String no : List.of("disable_any_whitespace", "disable_additional_properties")) {
      outputs.refuseUnless(no, "false", v -> v.isBoolean() && !v.booleanValue());
    }
    for (String no : List.of("grammar", "structural_tag", "whitespace_pattern")) {
      outputs.refuse(no);
    }
    outputs.refuseUnread();
    if (asked.isEmpty()) {
      throw ApiException.invalid(
          "structured_outputs",
          "'structured_outputs' needs one of json, regex, choice, json_object");
    }
  }

  /** A tool that must be called. */
  private void calls(ReplyRules reply) {
    if (reply != null && reply.calls() != null) {
      asked.add(new Asked(reply.calls(), "tool_choice"));
    }
  }

  private void guided() throws ApiException {
    json(fields, "guided_json");
    regex(fields, "guided_regex");
    choice(fields, "guided_choice");
    for (String no :
        List.of("guided_grammar", "guided_decoding_backend", "guided_whitespace_pattern")) {
      fields.refuse(no);
    }
  }

  /** A schema, as an object or as its text. */
  private void json(Fields in, String field) throws ApiException {
    JsonNode schema = in.get(field);
    if (schema != null) {
      String text = schema.isTextual() ? schema.textValue() : schema.toString();
      add(in, field, new GrammarSpec.JsonSchema(text));
    }
  }

  private void regex(Fields in, String field) throws ApiException {
    String expression = in.string(field, null);
    if (expression != null) {
      add(in, field, new GrammarSpec.Pattern(expression));
    }
  }

  private void choice(Fields in, String field) throws ApiException {
    JsonNode list = in.get(field);
    if (list == null) {
      return;
    }
    if (!list.isArray()) {
      throw Fields.wrongType(in.path(field), "a list of texts", list);
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      texts.add(Fields.text(list.get(i), in.path(field) + "[" + i + "]"));
    }
    add(in, field, new GrammarSpec.Choice(texts));
  }

  /**
   * A model that reasons may do so first; one whose reasoning the prompt has opened must end it.
   */
  static GrammarSpec withReasoning(GrammarSpec spec, ReplyRules reply, Tokenizer tokenizer) {
    ReasoningFormat format = reply == null ? null : reply.reasoning();
    if (format == null) {
      return spec;
    }
    GrammarSpec reasoned =
        new GrammarSpec.Sequence(
            List.of(
                new GrammarSpec.Until(mark(format, format.closing(), tokenizer)),
                new GrammarSpec.Pattern("\\n{0,2}"),
                spec));
    if (reply.opened()) {
      return reasoned;
    }
    GrammarSpec opening = mark(format, format.opening(), tokenizer);
    return new GrammarSpec.AnyOf(
        List.of(spec, new GrammarSpec.Sequence(List.of(opening, reasoned))));
  }

  private static GrammarSpec mark(ReasoningFormat format, String mark, Tokenizer tokenizer) {
    int[] ids = format.special() ? tokenizer.encode(mark, false) : new int[0];
    return ids.length == 1 ? new GrammarSpec.Token(ids[0]) : new GrammarSpec.Text(mark);
  }
}
