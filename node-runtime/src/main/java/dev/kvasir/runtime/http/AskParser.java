package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.sampling.TokenRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the parameters that /v1/completions and /v1/chat/completions share. */
final class AskParser {
  private static final int MAX_CHOICES = 128;
  private static final int MAX_SALT_LENGTH = 256;

  /** Log-probabilities of prompt tokens that an answer may hold. */
  private static final long MAX_PROMPT_LOGPROBS = 2_000_000;

  private final ServedModel model;
  private final Fields fields;

  AskParser(ServedModel model, Fields fields) {
    this.model = model;
    this.fields = fields;
  }

  /**
   * What the endpoints read differently.
   *
   * @param maxTokens null for as many as there is room for
   * @param topLogprobs -1 for no log-probabilities
   * @param reply null where replies are plain text
   */
  record Own(
      String id,
      List<Prompt> prompts,
      String promptField,
      Integer maxTokens,
      int topLogprobs,
      boolean echo,
      ReplyRules reply) {

    boolean needsSpecialTokens() {
      return reply != null && reply.needsSpecialTokens();
    }

    boolean logprobs() {
      return topLogprobs != SamplingParameters.NO_LOGPROBS;
    }
  }

  static void requireModel(ServedModel model, Fields fields) throws ApiException {
    String name = fields.string("model", model.name());
    if (!model.names().contains(name)) {
      throw ApiException.modelNotFound(name);
    }
  }

  Ask parse(Own given) throws ApiException {
    Own own = truncated(given);
    int n = n(own);
    Ask.Streaming streaming = StreamFields.read(fields);
    StopFields stops = StopFields.read(fields, model);
    Ask.Details details = details(own, streaming);
    SamplingParameters sampling = sampling(own, details, stops);
    checkPromptLogprobs(own, n, sampling.promptLogprobs());
    Grammar grammar = StructureFields.read(fields, model, own.reply());
    List<GenerationRequest> requests = requests(own, n, sampling, stops, grammar);
    UnsupportedFields.refuse(fields);
    fields.refuseUnread();
    List<String> echoes = own.echo() ? echoes(own, details) : List.of();
    return new Ask(
        requests, n, own.promptField(), echoes, stops.stops(), streaming, details, own.reply());
  }

  private Own truncated(Own own) throws ApiException {
    Long most = fields.integer("truncate_prompt_tokens", 1, model.engine().limits().maxModelLen());
    if (most == null) {
      return own;
    }
    List<Prompt> prompts = own.prompts().stream().map(p -> p.last(most.intValue())).toList();
    return new Own(
        own.id(),
        prompts,
        own.promptField(),
        own.maxTokens(),
        own.topLogprobs(),
        own.echo(),
        own.reply());
  }

  private int n(Own own) throws ApiException {
    Long given = fields.integer("n", 1, MAX_CHOICES);
    int n = given == null ? 1 : given.intValue();
    if (own.prompts().size() * (long) n > MAX_CHOICES) {
      throw ApiException.invalid(
          own.promptField(),
          own.prompts().size()
              + " prompts with n="
              + n
              + " make more than "
              + MAX_CHOICES
              + " choices");
    }
    return n;
  }

  private Ask.Details details(Own own, Ask.Streaming streaming) throws ApiException {
    Long promptLogprobs = fields.integer("prompt_logprobs", 0, SamplingParameters.MAX_TOP_LOGPROBS);
    if (promptLogprobs != null && streaming.wanted()) {
      throw ApiException.invalid(
          "prompt_logprobs", "'prompt_logprobs' is for answers in one piece: leave 'stream' out");
    }
    return new Ask.Details(
        own.logprobs(),
        promptLogprobs == null ? SamplingParameters.NO_LOGPROBS : promptLogprobs.intValue(),
        fields.bool("return_tokens_as_token_ids", false),
        fields.bool("return_token_ids", false),
        fields.bool("skip_special_tokens", true) && !own.needsSpecialTokens());
  }

  private SamplingParameters sampling(Own own, Ask.Details details, StopFields stops)
      throws ApiException {
    int echoed = own.echo() ? own.topLogprobs() : SamplingParameters.NO_LOGPROBS;
    TokenRules rules =
        RuleFields.read(fields, model).withMinTokens(stops.stops().minTokens(), stops.endIds());
    if (rules.allowNothing()) {
      throw ApiException.invalid(
          "allowed_token_ids",
          "'allowed_token_ids' holds only tokens that min_tokens or bad_words bar");
    }
    return SamplingFields.read(fields, model.defaults(), own.topLogprobs())
        .withPromptLogprobs(Math.max(details.promptLogprobs(), echoed))
        .withRules(rules);
  }

  private static void checkPromptLogprobs(Own own, int n, int top) throws ApiException {
    long tokens = own.prompts().stream().mapToLong(prompt -> prompt.ids().length).sum();
    if (tokens * n * (top + 1L) > MAX_PROMPT_LOGPROBS) {
      throw ApiException.invalid(
          own.promptField(),
          "log-probabilities of %d prompt tokens, %d for each of n=%d choices, are more than the %d that an answer may hold"
              .formatted(tokens, top + 1, n, MAX_PROMPT_LOGPROBS));
    }
  }

  private List<GenerationRequest> requests(
      Own own, int n, SamplingParameters sampling, StopFields stops, Grammar grammar)
      throws ApiException {
    Set<Integer> stopTokenIds = stops.tokenIds();
    String cacheSalt = cacheSalt(fields);
    List<GenerationRequest> requests = new ArrayList<>();
    for (Prompt prompt : own.prompts()) {
      int maxTokens = maxTokens(own, prompt.ids(), stops.stops().minTokens());
      for (int i = 0; i < n; i++) {
        requests.add(
            new GenerationRequest(
                own.id(),
                prompt.ids(),
                sampling.withSeed(CounterRandom.derive(sampling.seed(), i)),
                maxTokens,
                stopTokenIds,
                false,
                cacheSalt,
                grammar));
      }
    }
    return requests;
  }

  /** Empty where none is given. */
  static String cacheSalt(Fields fields) throws ApiException {
    String salt = fields.string("cache_salt", null);
    if (salt != null && (salt.isEmpty() || salt.length() > MAX_SALT_LENGTH)) {
      throw fields.invalid(
          "cache_salt",
          "must have 1 to %d characters, got %d".formatted(MAX_SALT_LENGTH, salt.length()));
    }
    return salt == null ? "" : salt;
  }

  private int maxTokens(Own own, int[] prompt, int minTokens) throws ApiException {
    int most = model.engine().limits().maxModelLen();
    int room = most - prompt.length;
    int wanted = own.maxTokens() == null ? Math.max(room, 1) : own.maxTokens();
    if (prompt.length == 0) {
      throw ApiException.invalid(own.promptField(), "the prompt has no tokens");
    }
    if (wanted > room) {
      throw ApiException.contextLength(
          own.promptField(),
          "This model's maximum context length is "
              + most
              + " tokens, but the prompt has "
              + prompt.length
              + " and "
              + wanted
              + " more are to be generated: shorten the prompt or lower max_tokens");
    }
    if (minTokens > wanted) {
      throw ApiException.invalid(
          "min_tokens",
          "'min_tokens' %d is more than the %d tokens to generate at most"
              .formatted(minTokens, wanted));
    }
    return wanted;
  }

  private List<String> echoes(Own own, Ask.Details details) {
    return own.prompts().stream()
        .map(prompt -> prompt.text(model.tokenizer(), details.skipSpecialTokens()))
        .toList();
  }
}
