package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.io.IOException;
import java.util.List;

/** {@code POST /v1/completions}. */
final class CompletionsEndpoint implements Endpoint {
  /** OpenAI's default, which vLLM shares. */
  private static final int DEFAULT_MAX_TOKENS = 16;

  private final RuntimeState state;
  private final Admission admission;
  private final ServerObserver observer;

  CompletionsEndpoint(RuntimeState state, Admission admission, ServerObserver observer) {
    this.state = state;
    this.admission = admission;
    this.observer = observer;
  }

  @Override
  public void answer(Call call) throws ApiException, IOException, InterruptedException {
    ServedModel model = state.requireModel();
    Ask ask = parse(call, model);
    admission.enter();
    try {
      new Answer(model, ask, new Shape(call.id(), model, ask), observer, admission).write(call);
    } finally {
      admission.leave();
    }
  }

  private static Ask parse(Call call, ServedModel model) throws ApiException, IOException {
    Fields fields = Fields.of(call.json());
    AskParser.requireModel(model, fields);
    boolean addSpecialTokens = fields.bool("add_special_tokens", true);
    List<int[]> prompts = Prompts.parse(model, fields.get("prompt"), addSpecialTokens);
    Long maxTokens = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
    Long logprobs = fields.integer("logprobs", 0, SamplingParameters.MAX_TOP_LOGPROBS);
    fields.refuseUnless("echo", "false", value -> value.isBoolean() && !value.booleanValue());
    fields.refuse("suffix");
    fields.refuse("best_of");
    return new AskParser(model, fields)
        .parse(
            new AskParser.Own(
                call.id(),
                prompts,
                "prompt",
                maxTokens == null ? DEFAULT_MAX_TOKENS : maxTokens.intValue(),
                logprobs == null ? SamplingParameters.NO_LOGPROBS : logprobs.intValue()));
  }

  private static final class Shape implements AnswerShape {
    private final String id;
    private final ServedModel model;
    private final LogprobsJson logprobs;
    private final long created = System.currentTimeMillis() / 1000;

    Shape(String id, ServedModel model, Ask ask) {
      this.id = "cmpl-" + id;
      this.model = model;
      this.logprobs = new LogprobsJson(model.tokenizer(), ask.tokensAsIds());
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
    public void putChunk(ObjectNode choice, String text) {
      choice.put("text", text);
    }

    @Override
    public void putWhole(ObjectNode choice, String text) {
      choice.put("text", text);
    }

    @Override
    public ObjectNode logprobs(List<Token> tokens, int offset) {
      return logprobs.completion(tokens, offset);
    }

    @Override
    public ObjectNode promptTokensHolder(ObjectNode envelope, ObjectNode choice) {
      return choice;
    }
  }
}
