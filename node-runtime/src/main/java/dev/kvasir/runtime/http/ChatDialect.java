package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import dev.kvasir.runtime.reply.ForcedCalls;
import dev.kvasir.runtime.reply.ReasoningFormat;
import dev.kvasir.runtime.reply.ToolFormat;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.List;

/** {@code POST /v1/chat/completions}: a conversation and its next message. */
final class ChatDialect implements Dialect {

  @Override
  public Ask parse(String id, ServedModel model, Fields fields) throws ApiException {
    refuseOtherModalities(fields);
    ToolAsk tools = ToolFields.read(model, fields);
    Prompt prompt = ChatPrompt.parse(model, fields, tools);
    ReplyRules reply = reply(model, fields, tools, prompt);
    fields.refuseUnless("echo", "false", value -> value.isBoolean() && !value.booleanValue());
    return new AskParser(model, fields)
        .parse(
            new AskParser.Own(
                id,
                List.of(prompt),
                "messages",
                maxTokens(fields),
                topLogprobs(fields),
                false,
                reply));
  }

  @Override
  public AnswerShape shape(String id, ServedModel model, Ask ask) {
    return new Shape(id, model, ask);
  }

  private static ReplyRules reply(ServedModel model, Fields fields, ToolAsk tools, Prompt prompt)
      throws ApiException {
    ReasoningFormat reasoning = model.replies().reasoning();
    ToolFormat format =
        switch (tools.choice()) {
          case ToolAsk.Choice.None none -> null;
          case ToolAsk.Choice.Auto auto -> model.replies().tools();
          case ToolAsk.Choice.Required required -> new ForcedCalls();
          case ToolAsk.Choice.Named named -> new ForcedCalls();
        };
    return new ReplyRules(
        reasoning,
        reasoning != null && reasoning.isOpenedBy(prompt.text()),
        fields.bool("include_reasoning", true),
        format,
        tools.tools(),
        ToolGrammar.of(tools),
        tools.parallel(),
        model.replies().hasBareIds());
  }

  private static void refuseOtherModalities(Fields fields) throws ApiException {
    fields.refuseUnless(
        "modalities",
        "[\"text\"]",
        value -> value.isArray() && value.size() == 1 && value.get(0).asText().equals("text"));
  }

  /** The newer name wins, as in vLLM. */
  private static Integer maxTokens(Fields fields) throws ApiException {
    Long older = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
    Long newer = fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
    Long chosen = newer == null ? older : newer;
    return chosen == null ? null : chosen.intValue();
  }

  private static int topLogprobs(Fields fields) throws ApiException {
    boolean logprobs = fields.bool("logprobs", false);
    Long top = fields.integer("top_logprobs", 0, SamplingParameters.MAX_TOP_LOGPROBS);
    if (top != null && top > 0 && !logprobs) {
      throw ApiException.invalid("top_logprobs", "'top_logprobs' needs 'logprobs' to be true");
    }
    if (!logprobs) {
      return SamplingParameters.NO_LOGPROBS;
    }
    return top == null ? 0 : top.intValue();
  }

  private static final class Shape implements AnswerShape {
    private final String id;
    private final ServedModel model;
    private final ReplyRules reply;
    private final LogprobsJson logprobs;
    private final long created = System.currentTimeMillis() / 1000;

    Shape(String id, ServedModel model, Ask ask) {
      this.id = "chatcmpl-" + id;
      this.model = model;
      this.reply = ask.reply();
      this.logprobs = new LogprobsJson(model.tokenizer(), ask.details());
    }

    @Override
    public ObjectNode envelope(boolean chunk) {
      ObjectNode envelope =
          JsonText.newObject()
              .put("id", id)
              .put("object", chunk ? "chat.completion.chunk" : "chat.completion")
              .put("created", created)
              .put("model", model.name());
      envelope.putArray("choices");
      return envelope;
    }

    @Override
    public ObjectNode opening() {
      return JsonText.newObject().put("role", "assistant").put("content", "");
    }

    @Override
    public ChoiceText newText() {
      return new ChatText(reply);
    }

    @Override
    public ObjectNode logprobs(List<Token> tokens, int offset) {
      return logprobs.chat(tokens);
    }

    @Override
    public ObjectNode promptHolder(ObjectNode envelope, ObjectNode choice) {
      return envelope;
    }
  }
}
