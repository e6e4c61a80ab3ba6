package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Reads the parameters that /v1/completions and /v1/chat/completions share. */
final class AskParser {
  private static final int MAX_CHOICES = 128;
  private static final int MAX_STOPS = 4;
  private static final int MAX_STOP_LENGTH = 1024;
  private static final int MAX_STOP_TOKENS = 128;

  private final ServedModel model;
  private final Fields fields;

  AskParser(ServedModel model, Fields fields) {
    this.model = model;
    this.fields = fields;
  }

  /** What the endpoints read differently. */
  record Own(
      String id, List<int[]> prompts, String promptField, Integer maxTokens, int topLogprobs) {}

  static void requireModel(ServedModel model, Fields fields) throws ApiException {
    String name = fields.string("model", model.name());
    if (!model.names().contains(name)) {
      throw ApiException.modelNotFound(name);
    }
  }

  Ask parse(Own own) throws ApiException {
    boolean stream = fields.bool("stream", false);
    boolean includeUsage = includeUsage(stream);
    int n = whole("n", 1, MAX_CHOICES, 1);
    List<String> stop = stop();
    boolean tokensAsIds = fields.bool("return_tokens_as_token_ids", false);
    boolean tokenIds = fields.bool("return_token_ids", false);
    boolean skipSpecial = fields.bool("skip_special_tokens", true);
    List<GenerationRequest> requests = requests(own, n);
    acceptHarmless();
    refuseUnsupported();
    fields.refuseUnread();
    return new Ask(
        requests,
        n,
        own.promptField(),
        stop,
        stream,
        includeUsage,
        own.topLogprobs() != SamplingParameters.NO_LOGPROBS,
        tokensAsIds,
        tokenIds,
        skipSpecial);
  }

  private boolean includeUsage(boolean stream) throws ApiException {
    Fields options = fields.object("stream_options");
    if (options == null) {
      return false;
    }
    if (!stream) {
      throw ApiException.invalid("stream_options", "'stream_options' needs 'stream' to be true");
    }
    boolean include = options.bool("include_usage", false);
    options.accept("include_obfuscation");
    options.refuseUnread();
    return include;
  }

  private int whole(String field, long least, long most, int standard) throws ApiException {
    Long value = fields.integer(field, least, most);
    return value == null ? standard : value.intValue();
  }

  private List<String> stop() throws ApiException {
    JsonNode value = fields.get("stop");
    List<String> stops = new ArrayList<>();
    if (value == null) {
      return stops;
    }
    if (!value.isArray()) {
      stops.add(stop(value, "stop"));
      return stops;
    }
    if (value.size() > MAX_STOPS) {
      throw ApiException.invalid(
          "stop", "'stop' may hold at most " + MAX_STOPS + " strings, got " + value.size());
    }
    for (int i = 0; i < value.size(); i++) {
      stops.add(stop(value.get(i), "stop[" + i + "]"));
    }
    return stops;
  }

  private static String stop(JsonNode value, String name) throws ApiException {
    String stop = Fields.text(value, name);
    if (stop.isEmpty() || stop.length() > MAX_STOP_LENGTH) {
      throw ApiException.invalid(
          name,
          "'" + name + "' must have 1 to " + MAX_STOP_LENGTH + " characters, got " + stop.length());
    }
    return stop;
  }

  private List<GenerationRequest> requests(Own own, int n) throws ApiException {
    Set<Integer> stopTokens = stopTokens();
    double temperature = number("temperature", 0, 2, model.defaults().temperature());
    double topP = topP();
    int topK = Math.max(0, whole("top_k", -1, Integer.MAX_VALUE, model.defaults().topK()));
    Long givenSeed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    long seed = givenSeed == null ? ThreadLocalRandom.current().nextLong() : givenSeed;
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
    List<GenerationRequest> requests = new ArrayList<>();
    for (int[] prompt : own.prompts()) {
      int maxTokens = maxTokens(own, prompt);
      for (int i = 0; i < n; i++) {
        SamplingParameters sampling =
            new SamplingParameters(temperature, topP, topK, seed + i, own.topLogprobs());
        requests.add(new GenerationRequest(own.id(), prompt, sampling, maxTokens, stopTokens));
      }
    }
    return requests;
  }

  private double number(String field, double least, double most, double standard)
      throws ApiException {
    Double value = fields.number(field, least, most);
    return value == null ? standard : value;
  }

  private double topP() throws ApiException {
    double topP = number("top_p", 0, 1, model.defaults().topP());
    if (topP == 0) {
      throw ApiException.invalid("top_p", "'top_p' must be above 0 and at most 1, got 0");
    }
    return topP;
  }

  private Set<Integer> stopTokens() throws ApiException {
    Set<Integer> ids = new HashSet<>();
    if (!fields.bool("ignore_eos", false)) {
      ids.addAll(model.defaults().eosTokenIds());
    }
    JsonNode own = fields.get("stop_token_ids");
    if (own == null) {
      return ids;
    }
    if (!own.isArray() || own.size() > MAX_STOP_TOKENS) {
      throw Fields.wrongType(
          "stop_token_ids", "a list of at most " + MAX_STOP_TOKENS + " token ids", own);
    }
    for (int id :
        Fields.tokenIds(own, "stop_token_ids", model.engine().limits().vocabularySize())) {
      ids.add(id);
    }
    return ids;
  }

  private int maxTokens(Own own, int[] prompt) throws ApiException {
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
    return wanted;
  }

  private void acceptHarmless() {
    fields.accept(
        "user", "metadata", "store", "safety_identifier", "prompt_cache_key", "service_tier");
  }

  private void refuseUnsupported() throws ApiException {
    for (String penalty : List.of("presence_penalty", "frequency_penalty", "min_p", "min_tokens")) {
      fields.refuseUnless(penalty, "0", v -> v.isNumber() && v.doubleValue() == 0);
    }
    fields.refuseUnless("repetition_penalty", "1", v -> v.isNumber() && v.doubleValue() == 1);
    fields.refuseUnless("logit_bias", "{}", v -> v.isObject() && v.isEmpty());
    fields.refuseUnless(
        "response_format",
        "{\"type\": \"text\"}",
        v -> v.isObject() && v.size() == 1 && v.path("type").asText().equals("text"));
    fields.refuse("structured_outputs");
  }
}
