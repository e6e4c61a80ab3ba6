package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.template.ChatTemplate;
import dev.kvasir.runtime.template.Conversation;
import dev.kvasir.runtime.template.TemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a conversation and has the model's template write it as a prompt. */
final class ChatPrompt {
  private final ChatTemplate template;
  private final Fields fields;
  private final boolean toolsInWords;

  private ChatPrompt(ChatTemplate template, Fields fields, boolean toolsInWords) {
    this.template = template;
    this.fields = fields;
    this.toolsInWords = toolsInWords;
  }

  static Prompt parse(ServedModel model, Fields fields, ToolAsk tools) throws ApiException {
    ChatTemplate template =
        model
            .chatTemplate()
            .orElseThrow(() ->
                ApiException.invalid(
                    "messages",
                    "this model has no chat template: use /v1/completions, or add a"
                        + " chat_template.jinja to the model's directory, or give one with"
                        + " --chat-template"));
    boolean inWords = model.replies().toolsInWords();
    boolean offered = !(inWords && tools.choice() instanceof ToolAsk.Choice.None);
    String text =
        new ChatPrompt(template, fields, inWords).text(offered ? tools.forTemplate() : null);
    boolean addSpecialTokens = fields.bool("add_special_tokens", false);
    return new Prompt(Prompts.encode(model, fields, text, addSpecialTokens, "messages"), text);
  }

  private String text(List<Object> tools) throws ApiException {
    boolean continueFinal = fields.bool("continue_final_message", false);
    boolean generationPrompt = fields.bool("add_generation_prompt", !continueFinal);
    if (continueFinal && generationPrompt) {
      throw ApiException.invalid(
          "continue_final_message",
          "'continue_final_message' and 'add_generation_prompt' can't both be true");
    }
    boolean parts = template.takesParts() && !toolsInWords;
    Conversation conversation =
        new Conversation(
            new ChatMessages(parts).read(fields),
            tools,
            documents(),
            generationPrompt,
            continueFinal,
            variables());
    try {
      return toolsInWords ? renderInWords(conversation) : template.render(conversation);
    } catch (TemplateException e) {
      throw ApiException.invalid("messages", "the model's chat template: " + e.getMessage());
    }
  }

  private String renderInWords(Conversation given) {
    Conversation spelled = given.withMessages(ToolPrompt.spelledOut(given.messages()));
    if (given.tools() == null) {
      return template.render(spelled);
    }
    String offer = ToolPrompt.offer(given.tools());
    try {
      String text =
          template.render(spelled.withMessages(ToolPrompt.inSystem(spelled.messages(), offer)));
      if (text.contains(offer)) {
        return text;
      }
    } catch (TemplateException e) {
      // It takes no system message: said below, or what else is wrong comes up again.
    }
    return template.render(spelled.withMessages(ToolPrompt.inUser(spelled.messages(), offer)));
  }

  private List<Object> documents() throws ApiException {
    if (fields.objects("documents") == null) {
      return null;
    }
    requireRead("documents");
    List<Object> documents = new ArrayList<>();
    fields.get("documents").forEach(document -> documents.add(PlainValues.of(document)));
    return documents;
  }

  private Map<String, Object> variables() throws ApiException {
    Map<String, Object> variables = new LinkedHashMap<>();
    String effort = fields.string("reasoning_effort", null);
    if (effort != null) {
      requireRead("reasoning_effort");
      variables.put("reasoning_effort", effort);
    }
    JsonNode kwargs = fields.get("chat_template_kwargs");
    if (kwargs != null && !kwargs.isObject()) {
      throw Fields.wrongType("chat_template_kwargs", "an object", kwargs);
    }
    if (kwargs != null) {
      kwargs
          .properties()
          .forEach(entry -> variables.put(entry.getKey(), PlainValues.of(entry.getValue())));
    }
    return variables;
  }

  /** What a template doesn't read would be ignored. */
  private void requireRead(String field) throws ApiException {
    if (!template.source().contains(field)) {
      throw ApiException.unsupported(
          field, "'" + field + "' has no effect: this model's chat template does not read it");
    }
  }
}
