package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.engine.RequestRejectedException.Reason;
import dev.kvasir.runtime.http.TestingRuntime.Reply;
import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.sampling.TokenRules;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  void anEchoComesBeforeTheOutput() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers(" world");
      String ask = "{\"prompt\": [\"hello\", \"say\"], \"echo\": true";
      JsonNode plain = runtime.post(PATH, ask + "}").json();
      assertEquals("hello world", plain.at("/choices/0/text").asText());
      assertEquals("say world", plain.at("/choices/1/text").asText());
      JsonNode scored = runtime.post(PATH, ask + ", \"logprobs\": 1}").json();
      JsonNode logprobs = scored.at("/choices/0/logprobs");
      int[] prompt = runtime.tokenizer.encode("hello", true);
      assertTrue(prompt.length > 1, "the test wants a BOS");
      assertEquals(prompt.length + 3, logprobs.get("tokens").size());
      assertTrue(logprobs.at("/token_logprobs/0").isNull());
      assertTrue(logprobs.at("/top_logprobs/0").isNull());
      assertEquals(-0.5, logprobs.at("/token_logprobs/1").asDouble());
      assertEquals("[0,0,5,9,11]", logprobs.get("text_offset").toString());
      for (String more : new String[] {"", ", \"logprobs\": 0"}) {
        StringBuilder text = new StringBuilder();
        List<JsonNode> chunks =
            runtime
                .post(PATH, "{\"prompt\": \"hello\", \"echo\": true, \"stream\": true" + more + "}")
                .chunks();
        chunks.forEach(chunk -> text.append(chunk.at("/choices/0/text").asText()));
        assertEquals("hello world", text.toString());
        assertEquals("hello", chunks.getFirst().at("/choices/0/text").asText());
        assertEquals(
            more.isEmpty() ? 0 : prompt.length,
            chunks.getFirst().at("/choices/0/logprobs/tokens").size());
      }
    }
  }

  @Test
  void anEchoMayBeAllThatIsWanted() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      JsonNode json =
          runtime
              .post(
                  PATH,
                  "{\"prompt\": [72, 73], \"echo\": true, \"max_tokens\": 0, \"logprobs\": 1}")
              .json();
      assertEquals(
          runtime.tokenizer.decode(new int[] {72, 73}, true), json.at("/choices/0/text").asText());
      assertEquals("length", json.at("/choices/0/finish_reason").asText());
      assertEquals(2, json.at("/choices/0/logprobs/tokens").size());
      assertEquals(0, json.at("/usage/completion_tokens").asInt());
      Reply without = runtime.post(PATH, "{\"prompt\": [72], \"max_tokens\": 0}");
      assertEquals(400, without.status());
    }
  }

  @Test
  void promptLogprobsAreByTokenId() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      JsonNode list =
          runtime
              .post(PATH, "{\"prompt\": [72, 73, 74], \"prompt_logprobs\": 1}")
              .json()
              .at("/choices/0/prompt_logprobs");
      assertEquals(3, list.size());
      assertTrue(list.get(0).isNull());
      assertEquals(-0.5, list.at("/1/73/logprob").asDouble());
      assertEquals(1, list.at("/2/74/rank").asInt());
      assertEquals(
          runtime.tokenizer.decode(new int[] {74}, false), list.at("/2/74/decoded_token").asText());
    }
  }

  @Test
  void parametersReachTheEngine() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.post(
          PATH,
          """
          {"prompt": [72], "temperature": 0.5, "top_p": 0.9, "top_k": 7, "min_p": 0.25, "seed": 11,
           "presence_penalty": -1, "frequency_penalty": 0.5, "repetition_penalty": 1.25,
           "logit_bias": {"5": -100, "319": 2.5}, "min_tokens": 3, "stop_token_ids": [9],
           "allowed_token_ids": [1, 64, 319], "bad_words": ["hello"],
           "cache_salt": "tenant"}\
          """);
      SamplingParameters sampling = runtime.engine.last().sampling();
      assertEquals(
          new SamplingParameters(0.5, 0.9, 7, 11, -1)
              .withMinP(0.25)
              .withPenalties(new Penalties(1.25, -1, 0.5))
              .withRules(sampling.rules()),
          sampling);
      assertEquals("tenant", runtime.engine.last().cacheSalt());
      TokenRules rules = sampling.rules();
      assertArrayEquals(new int[] {5, 319}, rules.biasedIds());
      assertArrayEquals(new float[] {-100, 2.5f}, rules.biases());
      assertArrayEquals(new long[] {2, 1, 0, 0, 1L << 63}, rules.allowed());
      assertEquals(3, rules.minTokens());
      assertArrayEquals(new int[] {TestingRuntime.EOS, 9}, rules.endIds());
      assertArrayEquals(runtime.tokenizer.encode("hello", false), rules.badWords()[0]);
    }
  }

  @Test
  void theModelsRecommendationHoldsWhereTheRequestSaysNothing() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.starting()) {
      runtime.load(Optional.empty(), new ServedModel.Defaults(0.7, 0.8, 20, 0.05, 1.1, Set.of(9)));
      runtime.post(PATH, "{\"prompt\": [72], \"seed\": 3}");
      SamplingParameters sampling = runtime.engine.last().sampling();
      assertEquals(
          new SamplingParameters(0.7, 0.8, 20, 3, -1)
              .withMinP(0.05)
              .withPenalties(new Penalties(1.1, 0, 0))
              .withRules(sampling.rules()),
          sampling);
      assertEquals(Set.of(9), runtime.engine.last().stopTokenIds());
      runtime.post(
          PATH,
          """
          {"prompt": [72], "seed": 3, "temperature": 1, "top_p": 1, "top_k": -1, "min_p": 0,
           "repetition_penalty": 1}\
          """);
      SamplingParameters own = runtime.engine.last().sampling();
      assertEquals(new SamplingParameters(1, 1, 0, 3, -1).withRules(own.rules()), own);
    }
  }

  @Test
  void choicesHaveSeedsOfTheirOwnThatFollowFromTheRequests() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      String ask = "{\"prompt\": [72], \"max_tokens\": 1, \"seed\": 5, \"n\": ";
      runtime.post(PATH, ask + "1}");
      assertEquals(5, runtime.engine.last().sampling().seed());
      runtime.post(PATH, ask + "3}");
      long third = runtime.engine.last().sampling().seed();
      assertTrue(third != 5 && third != 7, "seed " + third);
      runtime.post(PATH, ask + "3}");
      assertEquals(third, runtime.engine.last().sampling().seed());
    }
  }

  @Test
  void stopStringsWaitForMinTokensAndMayBeIncluded() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers("hello world hello again");
      assertEquals("", text(runtime, "\"stop\": \"hello\""));
      assertEquals("hello world ", text(runtime, "\"stop\": \"hello\", \"min_tokens\": 2"));
      assertEquals(
          "hello world hello",
          text(
              runtime,
              "\"stop\": \"hello\", \"min_tokens\": 2, \"include_stop_str_in_output\": true"));
      assertEquals(
          "hello world",
          text(runtime, "\"stop\": [\"ld\", \"zz\"], \"include_stop_str_in_output\": true"));
    }
  }

  private static String text(TestingRuntime runtime, String fields) throws Exception {
    return choice(runtime, "\"max_tokens\": 30, " + fields).get("text").asText();
  }

  @Test
  void aStopTokenIsShownWhereItIsAskedFor() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      int[] hello = runtime.tokenizer.encode("hello", false);
      runtime.engine.script((prompt, i) -> i == 2 ? hello[0] : 'a' + 5);
      String stop = "\"stop_token_ids\": [" + hello[0] + "]";
      String without = text(runtime, stop);
      String with = text(runtime, stop + ", \"include_stop_str_in_output\": true");
      assertEquals(without + "hello", with);
    }
  }

  @Test
  void usageMayComeWithEveryChunk() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      List<JsonNode> chunks =
          runtime
              .post(
                  PATH,
                  """
                  {"prompt": [72], "max_tokens": 3, "stream": true, "return_token_ids": true,
                   "stream_options": {"include_usage": true, "continuous_usage_stats": true}}\
                  """)
              .chunks();
      int last = 0;
      for (JsonNode chunk : chunks) {
        int tokens = chunk.at("/usage/completion_tokens").asInt(-1);
        assertTrue(tokens >= last, chunk.toString());
        last = tokens;
      }
      assertEquals(3, last);
    }
  }

  @Test
  void aLongPromptIsCutWhereThatIsAskedFor() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.post(PATH, "{\"prompt\": [72, 73, 74], \"truncate_prompt_tokens\": 2}");
      assertArrayEquals(new int[] {73, 74}, runtime.engine.last().promptTokenIds());
      String text = "hello world ".repeat(50_000);
      Reply refused = runtime.post(PATH, "{\"prompt\": \"" + text + "\"}");
      assertEquals("context_length_exceeded", refused.code());
      runtime.post(PATH, "{\"prompt\": \"" + text + "\", \"truncate_prompt_tokens\": 2}");
      int[] all = runtime.tokenizer.encode("hello world ", false);
      assertArrayEquals(
          Arrays.copyOfRange(all, all.length - 2, all.length),
          runtime.engine.last().promptTokenIds());
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
      TestingRuntime.await(
          "both counted", () -> runtime.ended.get(ServerObserver.Outcome.DROPPED) == 2);
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
      TestingRuntime.await(
          "all counted", () -> runtime.ended.get(ServerObserver.Outcome.COMPLETED) == 220);
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
