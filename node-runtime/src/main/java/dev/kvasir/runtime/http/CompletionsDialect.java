package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.List;

/** {@code POST /v1/completions}: a prompt and its continuation. */
final class CompletionsDialect implements Dialect {
  /** OpenAI's default, which vLLM shares. */
  private static final int DEFAULT_MAX_TOKENS = 16;

  private static final int MAX_PROMPTS = 128;

  @Override
  public Ask parse(String id, ServedModel model, Fields fields) throws ApiException {
    boolean addSpecialTokens = fields.bool("add_special_tokens", true);
    List<Prompt> prompts =
        new Prompts(model, fields, "prompt", MAX_PROMPTS, addSpecialTokens)
            .parse(fields.get("prompt"));
    boolean echo = fields.bool("echo", false);
    // An echo alone may be all that is wanted: the prompt's log-probabilities.
    Long maxTokens = fields.integer("max_tokens", echo ? 0 : 1, Integer.MAX_VALUE);
    Long logprobs = fields.integer("logprobs", 0, SamplingParameters.MAX_TOP_LOGPROBS);
    fields.refuse("suffix");
    fields.refuseUnless("best_of", "1", v -> v.isNumber() && v.doubleValue() == 1);
    return new AskParser(model, fields)
        .parse(
            new AskParser.Own(
                id,
                prompts,
                "prompt",
                maxTokens == null ? DEFAULT_MAX_TOKENS : maxTokens.intValue(),
                logprobs == null ? SamplingParameters.NO_LOGPROBS : logprobs.intValue(),
                echo,
                null));
  }

  @Override
  public AnswerShape shape(String id, ServedModel model, Ask ask) {
    return new Shape(id, model, ask);
  }

  private static final class Shape implements AnswerShape {
    private final String id;
    private final ServedModel model;
    private final LogprobsJson logprobs;
    private final long created = System.currentTimeMillis() / 1000;

    Shape(String id, ServedModel model, Ask ask) {
      this.id = "cmpl-" + id;
      this.model = model;
      this.logprobs = new LogprobsJson(model.tokenizer(), ask.details());
    }

    @Override
    public ObjectNode envelope(boolean chunk) {
      ObjectNode envelope =
          JsonText.newObject()
              .put("id", id)
              .put("object", "text_completion")
              .put("created", created)
              .put("model", model.name());
      envelope.putArray("choices");
      return envelope;
    }

    @Override
    public ObjectNode opening() {
      return null;
    }

    @Override
    public ChoiceText newText() {
      return new PlainText();
    }

    @Override
    public ObjectNode logprobs(List<Token> tokens, int offset) {
      return logprobs.completion(tokens, offset);
    }

    @Override
    public ObjectNode promptHolder(ObjectNode envelope, ObjectNode choice) {
      return choice;
    }
  }
}
