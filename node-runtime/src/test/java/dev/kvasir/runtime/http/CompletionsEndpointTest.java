package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import dev.kvasir.runtime.http.TestingRuntime.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompletionsEndpointTest {
  private static final String PATH = "/v1/completions";

  @Test
  void severalPromptsAndChoicesComeInOrder() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.script((prompt, i) -> prompt[prompt.length - 1]);
      JsonNode json =
          runtime
              .post(
                  PATH,
                  "{\"prompt\": [[70], [71, 72]], \"n\": 2, \"max_tokens\": 3, \"return_token_ids\": true}")
              .json();
      assertEquals(4, json.get("choices").size());
      for (int i = 0; i < 4; i++) {
        JsonNode choice = json.get("choices").get(i);
        int last = i < 2 ? 70 : 72;
        assertEquals(i, choice.get("index").asInt());
        assertEquals(
            "[" + last + "," + last + "," + last + "]", choice.get("token_ids").toString());
        assertEquals(i < 2 ? "[70]" : "[71,72]", choice.get("prompt_token_ids").toString());
        assertEquals("length", choice.get("finish_reason").asText());
      }
      assertEquals(3, json.at("/usage/prompt_tokens").asInt());
      assertEquals(12, json.at("/usage/completion_tokens").asInt());
    }
  }

  @Test
  void aStopStringOverTokensEndsAndNeverLeaks() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers("say hello world again");
      for (boolean stream : new boolean[] {false, true}) {
        Reply reply =
            runtime.post(
                PATH,
                "{\"prompt\": \"x\", \"max_tokens\": 50, \"stop\": [\"zzz\", \"lo wor\"], \"stream\": "
                    + stream
                    + "}");
        StringBuilder text = new StringBuilder();
        JsonNode last = null;
        for (JsonNode part : stream ? reply.chunks() : List.of(reply.json())) {
          text.append(part.at("/choices/0/text").asText());
          last = part.at("/choices/0");
        }
        assertEquals("say hel", text.toString());
        assertEquals("stop", last.get("finish_reason").asText());
        assertEquals("lo wor", last.get("stop_reason").asText());
      }
      TestingRuntime.await("the engine is free", () -> runtime.engine.running() == 0);
    }
  }

  @Test
  void stopTokensAndIgnoredEos() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.script((prompt, i) -> i == 2 ? TestingRuntime.EOS : i == 4 ? 77 : 70);
      JsonNode eos = choice(runtime, "\"max_tokens\": 9");
      assertEquals("stop", eos.get("finish_reason").asText());
      assertTrue(eos.get("stop_reason").isNull());
      JsonNode ignored = choice(runtime, "\"max_tokens\": 3, \"ignore_eos\": true");
      assertEquals("length", ignored.get("finish_reason").asText());
      JsonNode own =
          choice(runtime, "\"max_tokens\": 9, \"ignore_eos\": true, \"stop_token_ids\": [77]");
      assertEquals("stop", own.get("finish_reason").asText());
      assertEquals(77, own.get("stop_reason").asInt());
    }
  }

  private static JsonNode choice(TestingRuntime runtime, String fields) throws Exception {
    return runtime.post(PATH, "{\"prompt\": \"x\", " + fields + "}").json().at("/choices/0");
  }

  @Test
  void logprobsKeepOffsetsOverChunks() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers("hello world");
      Reply whole = runtime.post(PATH, "{\"prompt\": \"x\", \"logprobs\": 1}");
      JsonNode logprobs = whole.json().at("/choices/0/logprobs");
      assertEquals("[\"hello\",\" wor\",\"ld\",\"</s>\"]", logprobs.get("tokens").toString());
      assertEquals("[0,5,9,11]", logprobs.get("text_offset").toString());
      assertEquals(-0.5, logprobs.at("/top_logprobs/0/hello").asDouble());
      Reply ids =
          runtime.post(
              PATH, "{\"prompt\": \"x\", \"logprobs\": 0, \"return_tokens_as_token_ids\": true}");
      assertTrue(ids.json().at("/choices/0/logprobs/tokens/0").asText().startsWith("token_id:"));
      StringBuilder offsets = new StringBuilder();
      for (JsonNode chunk :
          runtime.post(PATH, "{\"prompt\": \"x\", \"logprobs\": 1, \"stream\": true}").chunks()) {
        offsets.append(chunk.at("/choices/0/logprobs/text_offset/0").asText()).append(' ');
      }
      assertEquals("0 5 9 11  ", offsets.toString());
    }
  }

  @Test
  void whatTheEngineRefusesHasItsOwnStatus() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.reject(Reason.QUEUE_FULL, "16 requests wait already");
      Reply full = runtime.post(PATH, "{\"prompt\": \"x\"}");
      assertEquals(429, full.status());
      assertEquals("1", full.response().headers().firstValue("Retry-After").orElseThrow());
      assertEquals(1, runtime.rejected.get("queue_full"));
      runtime.engine.reject(Reason.CONTEXT_LENGTH_EXCEEDED, "too long");
      Reply tooLong = runtime.post(PATH, "{\"prompt\": \"x\"}");
      assertEquals(400, tooLong.status());
      assertEquals("context_length_exceeded", tooLong.code());
      runtime.engine.reject(Reason.UNAVAILABLE, "closing");
      assertEquals(503, runtime.post(PATH, "{\"prompt\": \"x\"}").status());
    }
  }

  @Test
  void aFailureOfTheEngineIsToldAndCounted() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.failAfter(2);
      Reply whole = runtime.post(PATH, "{\"prompt\": \"x\"}");
      assertEquals(500, whole.status());
      assertEquals("the step failed", whole.error());
      Reply stream = runtime.post(PATH, "{\"prompt\": \"x\", \"stream\": true}");
      assertEquals(200, stream.status());
      assertEquals("the step failed", stream.chunks().getLast().at("/error/message").asText());
      assertEquals(2, runtime.ended.get(ServerObserver.Outcome.DROPPED));
    }
  }

  @Test
  void twoHundredStreamsAtOnceAreEachAsAlone() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.engine.script((prompt, i) -> 10 + (prompt[0] * 31 + i * 7) % 300);
      runtime.engine.pace(Duration.ofMillis(1));
      String[] texts = new String[200];
      Thread[] clients = new Thread[texts.length];
      for (int i = 0; i < texts.length; i++) {
        int number = i;
        clients[i] = Thread.ofVirtual().start(() -> texts[number] = text(runtime, number));
      }
      for (Thread client : clients) {
        client.join();
      }
      for (int i = 0; i < texts.length; i += 10) {
        assertEquals(text(runtime, i), texts[i], "stream " + i);
      }
      assertEquals(220, runtime.ended.get(ServerObserver.Outcome.COMPLETED));
      assertEquals(0, runtime.engine.running());
    }
  }

  private static String text(TestingRuntime runtime, int number) {
    try {
      Reply reply =
          runtime.post(
              PATH, "{\"prompt\": [" + (10 + number) + "], \"max_tokens\": 40, \"stream\": true}");
      StringBuilder text = new StringBuilder();
      reply.chunks().forEach(chunk -> text.append(chunk.at("/choices/0/text").asText()));
      assertEquals("[DONE]", reply.events().getLast());
      return text.toString();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
