package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import dev.kvasir.runtime.http.TestingRuntime.Reply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The engine of these tests has the hidden state (3, number of tokens). */
class EmbeddingsEndpointTest {
  private static final String PATH = "/v1/embeddings";
  private static TestingRuntime runtime;

  @BeforeAll
  static void start() throws Exception {
    runtime = TestingRuntime.serving();
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  @Test
  void anEmbeddingHasLengthOne() throws Exception {
    JsonNode json = runtime.post(PATH, "{\"input\": [70, 71, 72, 73]}").json();
    assertEquals("list", json.get("object").asText());
    assertEquals("test", json.get("model").asText());
    assertEquals("embedding", json.at("/data/0/object").asText());
    assertEquals("[0.6,0.8]", json.at("/data/0/embedding").toString());
    assertEquals("{\"prompt_tokens\":4,\"total_tokens\":4}", json.get("usage").toString());
  }

  @Test
  void manyComeInOrder() throws Exception {
    StringBuilder inputs = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      inputs.append(i == 0 ? "" : ",").append("[70").append(",70".repeat(i % 50)).append("]");
    }
    JsonNode data = runtime.post(PATH, "{\"input\": [" + inputs + "]}").json().get("data");
    assertEquals(300, data.size());
    for (int i = 0; i < 300; i++) {
      double length = i % 50 + 1;
      assertEquals(i, data.get(i).get("index").asInt());
      assertEquals(
          length / Math.sqrt(9 + length * length),
          data.get(i).at("/embedding/1").asDouble(),
          1e-6,
          "input " + i);
    }
  }

  @Test
  void base64IsLittleEndianFloats() throws Exception {
    JsonNode json =
        runtime
            .post(PATH, "{\"input\": [[70, 71, 72, 73]], \"encoding_format\": \"base64\"}")
            .json();
    float[] vector = new float[2];
    ByteBuffer.wrap(Base64.getDecoder().decode(json.at("/data/0/embedding").asText()))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(vector);
    assertArrayEquals(new float[] {0.6f, 0.8f}, vector);
  }

  @Test
  void textsGetTheTokenizersSpecialTokens() throws Exception {
    int bare = runtime.tokenizer.encode("hello", false).length;
    int with = runtime.tokenizer.encode("hello", true).length;
    assertTrue(with > bare);
    assertEquals(2 * with, tokens("{\"input\": [\"hello\", \"hello\"]}"));
    assertEquals(bare, tokens("{\"input\": \"hello\", \"add_special_tokens\": false}"));
    assertEquals(1, tokens("{\"input\": \"hello\", \"truncate_prompt_tokens\": 1}"));
  }

  private static int tokens(String body) throws Exception {
    return runtime.post(PATH, body).json().at("/usage/total_tokens").asInt();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                             | input | 'input' is missing",
        "{\"input\": []}                                | input | 1 to 2048 inputs, got 0",
        "{\"input\": [[]]}                              | input[0] | has no tokens",
        "{\"input\": [\"a\", 5]}                        | input[1] | must be a string or a list",
        "{\"input\": [320]}                             | input[0] | must be between 0 and 319",
        "{\"input\": \"a\", \"dimensions\": 64}         | dimensions | not supported yet",
        "{\"input\": \"a\", \"encoding_format\": \"hex\"} | encoding_format | must be float or base64, got 'hex'",
        "{\"input\": \"a\", \"messages\": []}           | messages | is not known here",
      })
  void aRequestThatIsWrongIsExplained(String body, String param, String message) throws Exception {
    Reply reply = runtime.post(PATH, body);
    assertEquals(400, reply.status(), reply.response().body());
    assertTrue(reply.error().contains(message), reply.error());
    assertEquals(param, reply.json().at("/error/param").asText());
  }

  @Test
  void aTextThatIsTooLongIsRefused() throws Exception {
    Reply reply = runtime.post(PATH, "{\"input\": [[70" + ",70".repeat(1000) + "]]}");
    assertEquals("context_length_exceeded", reply.code());
    assertTrue(reply.error().contains("'input[0]' has 1001"), reply.error());
  }

  @Test
  void aFullQueueIsToldWhereNothingOfOursIsAhead() throws Exception {
    try (TestingRuntime full = TestingRuntime.serving()) {
      full.engine.reject(Reason.QUEUE_FULL, "16 requests wait already");
      assertEquals(429, full.post(PATH, "{\"input\": \"a\"}").status());
    }
  }
}
