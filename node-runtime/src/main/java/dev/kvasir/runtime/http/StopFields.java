package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What ends an output: texts and tokens.
 *
 * @param tokenIds the model's EOS ids, unless they are ignored, and the request's own
 */
record StopFields(Ask.Stops stops, Set<Integer> tokenIds) {
  private static final int MAX_STOPS = 4;
  private static final int MAX_STOP_LENGTH = 1024;
  private static final int MAX_STOP_TOKENS = 128;

  static StopFields read(Fields fields, ServedModel model) throws ApiException {
    Long minTokens = fields.integer("min_tokens", 0, model.engine().limits().maxModelLen());
    Ask.Stops stops =
        new Ask.Stops(
            texts(fields),
            fields.bool("include_stop_str_in_output", false),
            minTokens == null ? 0 : minTokens.intValue());
    return new StopFields(stops, tokenIds(fields, model));
  }

  /** The ids that min_tokens holds back. */
  int[] endIds() {
    return tokenIds.stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private static List<String> texts(Fields fields) throws ApiException {
    JsonNode value = fields.get("stop");
    List<String> stops = new ArrayList<>();
    if (value == null) {
      return stops;
    }
    if (!value.isArray()) {
      stops.add(text(value, "stop"));
      return stops;
    }
    if (value.size() > MAX_STOPS) {
      throw ApiException.invalid(
          "stop", "'stop' may hold at most " + MAX_STOPS + " strings, got " + value.size());
    }
    for (int i = 0; i < value.size(); i++) {
      stops.add(text(value.get(i), "stop[" + i + "]"));
    }
    return stops;
  }

  private static String text(JsonNode value, String name) throws ApiException {
    String stop = Fields.text(value, name);
    if (stop.isEmpty() || stop.length() > MAX_STOP_LENGTH) {
      throw ApiException.invalid(
          name,
          "'" + name + "' must have 1 to " + MAX_STOP_LENGTH + " characters, got " + stop.length());
    }
    return stop;
  }

  private static Set<Integer> tokenIds(Fields fields, ServedModel model) throws ApiException {
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
}
