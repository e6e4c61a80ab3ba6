package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Predicate;

/** Parameters of OpenAI's and vLLM's APIs that are taken with their neutral value only. */
final class UnsupportedFields {
  private UnsupportedFields() {}

  static void refuse(Fields fields) throws ApiException {
    // These change nothing in an answer.
    fields.accept("user", "metadata", "safety_identifier", "prompt_cache_key");
    fields.refuseUnless("store", "false", is(false));
    fields.refuseUnless("service_tier", "\"auto\"", text("auto").or(text("default")));
    fields.refuseUnless("priority", "0", number(0));
    fields.refuseUnless("use_beam_search", "false", is(false));
    fields.refuseUnless("length_penalty", "1", number(1));
    fields.refuseUnless("spaces_between_special_tokens", "true", is(true));
  }

  private static Predicate<JsonNode> is(boolean wanted) {
    return value -> value.isBoolean() && value.booleanValue() == wanted;
  }

  private static Predicate<JsonNode> number(double wanted) {
    return value -> value.isNumber() && value.doubleValue() == wanted;
  }

  private static Predicate<JsonNode> text(String wanted) {
    return value -> value.isTextual() && value.textValue().equals(wanted);
  }
}
