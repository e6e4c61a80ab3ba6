package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;

/** An answer of the API. */
record Reply(int status, JsonNode body, String warning) {
  Reply expect(int wanted) {
    assertEquals(wanted, status, () -> "unexpected status; the body is " + body);
    return this;
  }

  /** Fails unless the error's message has these words. */
  Reply saying(String words) {
    assertTrue(message().contains(words), () -> "'" + words + "' is not in: " + message());
    return this;
  }

  JsonNode at(String pointer) {
    return body.at(pointer);
  }

  String text(String pointer) {
    return body.at(pointer).asText();
  }

  boolean has(String pointer) {
    return !body.at(pointer).isMissingNode();
  }

  String message() {
    return text("/message");
  }

  String reason() {
    return text("/reason");
  }

  String resourceVersion() {
    return text("/metadata/resourceVersion");
  }

  long generation() {
    return at("/metadata/generation").asLong();
  }
}
