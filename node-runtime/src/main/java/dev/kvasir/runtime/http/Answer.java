package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import dev.kvasir.runtime.http.ServerObserver.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Generates what was asked and writes it, as a stream or whole. One request's. */
final class Answer {
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(10);

  private final ServedModel model;
  private final Ask ask;
  private final AnswerShape shape;
  private final ServerObserver observer;
  private final Admission admission;
  private final LogprobsJson tokenTexts;
  private final List<Written> written = new ArrayList<>();

  /** What a choice has given so far. */
  private static final class Written {
    final ChoiceText text;
    final List<Token> tokens = new ArrayList<>();
    PromptScores prompt;
    int offset;
    Delta.End end;

    Written(ChoiceText text) {
      this.text = text;
    }
  }

  Answer(
      ServedModel model, Ask ask, AnswerShape shape, ServerObserver observer, Admission admission) {
    this.model = model;
    this.ask = ask;
    this.shape = shape;
    this.observer = observer;
    this.admission = admission;
    this.tokenTexts = new LogprobsJson(model.tokenizer(), ask.details());
    ask.requests().forEach(request -> written.add(new Written(shape.newText())));
  }

  void write(Call call) throws ApiException, IOException, InterruptedException {
    try (Generation generation = Generation.start(model, ask, observer)) {
      Outcome outcome = Outcome.CANCELLED;
      try {
        outcome = ask.streaming().wanted() ? stream(call, generation) : whole(call, generation);
      } finally {
        observer.ended(admission.isCutting() ? cut(outcome) : outcome);
        note(call, generation);
        generation.report(ask.choicesPerPrompt());
      }
    }
  }

  private static Outcome cut(Outcome outcome) {
    return outcome == Outcome.COMPLETED ? outcome : Outcome.DROPPED;
  }

  private void note(Call call, Generation generation) {
    Generation.Usage usage = generation.usage(ask.choicesPerPrompt());
    Delta.End end = written.getFirst().end;
    call.note(
        "prompt_tokens="
            + usage.promptTokens()
            + " output_tokens="
            + usage.outputTokens()
            + " finish="
            + (end == null ? "cancelled" : end.reason()));
  }

  private Outcome stream(Call call, Generation generation)
      throws IOException, InterruptedException {
    EventStream events = call.openEventStream();
    for (int i = 0; i < written.size(); i++) {
      open(events, generation, i);
    }
    while (!generation.isOver()) {
      Delta delta = generation.next(KEEP_ALIVE);
      if (delta == null) {
        events.comment();
      } else if (delta.end() != null && delta.end().failed()) {
        record(delta);
        events.data(JsonText.error(failure(delta.end())));
        events.done();
        return failed(delta.end());
      } else {
        chunk(events, generation, delta);
      }
    }
    if (ask.streaming().usage()) {
      ObjectNode last = shape.envelope(true);
      usage(last, generation);
      events.data(last);
    }
    events.done();
    return Outcome.COMPLETED;
  }

  private void open(EventStream events, Generation generation, int index) throws IOException {
    ObjectNode opening = shape.opening();
    // Its log-probabilities, if wanted, are not there yet.
    String echo = ask.details().logprobs() ? null : ask.echo(index);
    if (opening == null && !ask.details().tokenIds() && echo == null) {
      return;
    }
    ObjectNode envelope = chunkEnvelope(generation);
    ObjectNode choice = choice(envelope, index);
    if (opening != null) {
      choice.set("delta", opening);
    } else {
      choice.setAll(echo == null ? written.get(index).text.nothing() : echoed(echo));
    }
    choice.putNull("logprobs").putNull("finish_reason");
    putPromptTokens(envelope, choice, index);
    events.data(envelope);
  }

  /** With include_usage every chunk has the field, null until the last unless asked otherwise. */
  private ObjectNode chunkEnvelope(Generation generation) {
    ObjectNode envelope = shape.envelope(true);
    if (ask.streaming().continuousUsage()) {
      usage(envelope, generation);
    } else if (ask.streaming().usage()) {
      envelope.putNull("usage");
    }
    return envelope;
  }

  private void chunk(EventStream events, Generation generation, Delta delta) throws IOException {
    Written choice = written.get(delta.choice());
    List<ObjectNode> news = new ArrayList<>(record(delta));
    if (delta.prompt() != null) {
      news.add(echoed(ask.echo(delta.choice())));
    }
    boolean withTokens = ask.details().logprobs() || ask.details().tokenIds();
    boolean details = withTokens && !delta.tokens().isEmpty();
    if (news.isEmpty() && delta.end() == null && !details) {
      return;
    }
    ObjectNode last = news.isEmpty() ? choice.text.nothing() : news.removeLast();
    for (ObjectNode each : news) {
      ObjectNode envelope = chunkEnvelope(generation);
      ObjectNode json = choice(envelope, delta.choice());
      json.setAll(each);
      json.putNull("logprobs").putNull("finish_reason");
      events.data(envelope);
    }
    ObjectNode envelope = chunkEnvelope(generation);
    ObjectNode json = choice(envelope, delta.choice());
    json.setAll(last);
    putLogprobs(json, delta.prompt() == null ? delta.tokens() : delta.prompt().tokens(), choice);
    putEnd(json, choice, delta.end());
    putTokens(json, delta.tokens());
    events.data(envelope);
  }

  private static ObjectNode echoed(String prompt) {
    return JsonText.newObject().put("text", prompt);
  }

  /** Gives what a stream would now say. */
  private List<ObjectNode> record(Delta delta) {
    Written choice = written.get(delta.choice());
    choice.end = delta.end() == null ? choice.end : delta.end();
    choice.prompt = delta.prompt() == null ? choice.prompt : delta.prompt();
    if (!ask.streaming().wanted()) {
      choice.tokens.addAll(delta.tokens());
    }
    return choice.text.append(delta.text(), delta.tokens().size(), delta.end() != null);
  }

  private Outcome whole(Call call, Generation generation)
      throws ApiException, IOException, InterruptedException {
    while (!generation.isOver()) {
      Delta delta = generation.next(KEEP_ALIVE);
      if (delta != null) {
        record(delta);
        if (delta.end() != null && delta.end().failed()) {
          call.sendError(failure(delta.end()));
          return failed(delta.end());
        }
      }
    }
    ObjectNode envelope = shape.envelope(false);
    for (int i = 0; i < written.size(); i++) {
      putWhole(envelope, i);
    }
    usage(envelope, generation);
    call.send(200, envelope);
    return Outcome.COMPLETED;
  }

  private void putWhole(ObjectNode envelope, int index) {
    Written choice = written.get(index);
    ObjectNode json = choice(envelope, index);
    String echo = ask.echo(index);
    choice.text.putWhole(json);
    if (echo != null) {
      json.put("text", echo + json.get("text").textValue());
    }
    putLogprobs(json, tokens(choice, echo != null), choice);
    putEnd(json, choice, choice.end);
    putTokens(json, choice.tokens);
    putPromptTokens(envelope, json, index);
    if (ask.details().promptLogprobs() >= 0) {
      shape
          .promptHolder(envelope, json)
          .set("prompt_logprobs", tokenTexts.prompt(choice.prompt, ask.details().promptLogprobs()));
    }
  }

  private List<Token> tokens(Written choice, boolean echo) {
    if (!echo || choice.prompt == null) {
      return choice.tokens;
    }
    List<Token> all = new ArrayList<>(choice.prompt.tokens());
    all.addAll(choice.tokens);
    return all;
  }

  private ApiException failure(Delta.End end) {
    if (admission.isCutting()) {
      return ApiException.unavailable("draining", "this replica is shutting down");
    }
    return ApiException.internal(end.error());
  }

  private static Outcome failed(Delta.End end) {
    return end.reason().equals("error") ? Outcome.DROPPED : Outcome.CANCELLED;
  }

  private static ObjectNode choice(ObjectNode envelope, int index) {
    return ((ArrayNode) envelope.get("choices")).addObject().put("index", index);
  }

  private void putLogprobs(ObjectNode json, List<Token> tokens, Written choice) {
    if (!ask.details().logprobs() || tokens.isEmpty()) {
      json.putNull("logprobs");
      return;
    }
    json.set("logprobs", shape.logprobs(tokens, choice.offset));
    tokens.forEach(token -> choice.offset += tokenTexts.length(token));
  }

  private static void putEnd(ObjectNode json, Written choice, Delta.End end) {
    json.put("finish_reason", end == null ? null : choice.text.finishReason(end.reason()));
    Object stopReason = end == null ? null : end.stopReason();
    if (stopReason instanceof Integer id) {
      json.put("stop_reason", id);
    } else {
      json.put("stop_reason", (String) stopReason);
    }
  }

  private void putTokens(ObjectNode json, List<Token> tokens) {
    if (ask.details().tokenIds()) {
      ArrayNode ids = json.putArray("token_ids");
      tokens.forEach(token -> ids.add(token.id()));
    }
  }

  private void putPromptTokens(ObjectNode envelope, ObjectNode choice, int index) {
    if (ask.details().tokenIds()) {
      ArrayNode ids = shape.promptHolder(envelope, choice).putArray("prompt_token_ids");
      for (int id : ask.prompt(index)) {
        ids.add(id);
      }
    }
  }

  private void usage(ObjectNode envelope, Generation generation) {
    Generation.Usage usage = generation.usage(ask.choicesPerPrompt());
    ObjectNode json =
        envelope
            .putObject("usage")
            .put("prompt_tokens", usage.promptTokens())
            .put("completion_tokens", usage.outputTokens())
            .put("total_tokens", usage.promptTokens() + usage.outputTokens());
    json.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedPromptTokens());
    int reasoning = written.stream().mapToInt(choice -> choice.text.reasoningTokens()).sum();
    if (reasoning > 0) {
      json.putObject("completion_tokens_details").put("reasoning_tokens", reasoning);
    }
  }
}
