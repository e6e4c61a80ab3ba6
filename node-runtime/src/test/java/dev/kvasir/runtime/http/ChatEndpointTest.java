package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.http.TestingRuntime.Reply;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChatEndpointTest {
  private static final String PATH = "/v1/chat/completions";

  @Test
  void aWholeAnswerHasOpenAisShape() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers("hello 🙂");
      Reply reply =
          runtime.post(
              PATH,
              "{\"model\": \"alias\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}");
      assertEquals(200, reply.status());
      JsonNode json = reply.json();
      assertEquals("chat.completion", json.get("object").asText());
      assertEquals("test", json.get("model").asText());
      JsonNode choice = json.get("choices").get(0);
      assertEquals("assistant", choice.at("/message/role").asText());
      assertEquals("hello 🙂", choice.at("/message/content").asText());
      assertEquals("stop", choice.get("finish_reason").asText());
      int prompt = runtime.tokenizer.encode("<s><|user|>hi<|assistant|>", false).length;
      assertEquals(prompt, json.at("/usage/prompt_tokens").asInt());
      int output = runtime.tokenizer.encode("hello 🙂", false).length + 1;
      assertEquals(output, json.at("/usage/completion_tokens").asInt());
      assertEquals(prompt + output, json.at("/usage/total_tokens").asInt());
    }
  }

  @Test
  void aStreamBeginsWithTheRoleAndEndsWithUsageAndDone() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers("zażółć 🙂 jaźń");
      Reply reply =
          runtime.post(
              PATH,
              """
              {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
               "stream": true, "stream_options": {"include_usage": true}}\
              """);
      assertEquals(
          "text/event-stream; charset=utf-8",
          reply.response().headers().firstValue("Content-Type").orElseThrow());
      assertEquals(
          "no-cache", reply.response().headers().firstValue("Cache-Control").orElseThrow());
      List<JsonNode> chunks = reply.chunks();
      assertEquals("assistant", chunks.getFirst().at("/choices/0/delta/role").asText());
      StringBuilder text = new StringBuilder();
      for (JsonNode chunk : chunks) {
        assertEquals("chat.completion.chunk", chunk.get("object").asText());
        String part = chunk.at("/choices/0/delta/content").asText();
        assertFalse(part.contains("\uFFFD"), () -> "half a character: " + part);
        text.append(part);
      }
      assertEquals("zażółć 🙂 jaźń", text.toString());
      assertEquals("stop", chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asText());
      assertTrue(chunks.getLast().get("choices").isEmpty());
      assertTrue(chunks.getLast().at("/usage/completion_tokens").asInt() > 0);
      assertEquals("[DONE]", reply.events().getLast());
    }
  }

  @Test
  void logprobsComeWithEachToken() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      runtime.answers("hello");
      JsonNode content =
          runtime
              .post(
                  PATH,
                  """
                  {"messages": [{"role": "user", "content": "hi"}], "logprobs": true,
                   "top_logprobs": 1}\
                  """)
              .json()
              .at("/choices/0/logprobs/content");
      assertEquals("hello", content.get(0).get("token").asText());
      assertEquals(-0.5, content.get(0).get("logprob").asDouble());
      assertEquals('h', content.get(0).at("/bytes/0").asInt());
      assertEquals("hello", content.get(0).at("/top_logprobs/0/token").asText());
    }
  }

  @Test
  void developerCountsAsSystemAndTheTemplateMayRefuse() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      Reply tokens =
          runtime.post(
              "/tokenize",
              "{\"messages\": [{\"role\": \"developer\", \"content\": \"x\"}], \"add_generation_prompt\": false}");
      Reply expected =
          runtime.post(
              "/tokenize", "{\"prompt\": \"<s><|system|>x\", \"add_special_tokens\": false}");
      assertEquals(expected.json(), tokens.json());
      Reply refused =
          runtime.post(
              PATH,
              """
              {"messages": [{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]}\
              """);
      assertEquals(400, refused.status());
      assertTrue(refused.error().contains("the system message must come first"), refused.error());
    }
  }

  @Test
  void tokensAreSpelledAsInTheVocabulary() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.serving()) {
      Reply reply =
          runtime.post("/tokenize", "{\"prompt\": \"say hello\", \"return_token_strs\": true}");
      String entries = reply.json().get("token_strs").toString();
      assertTrue(entries.startsWith("[\"<s>\"") && entries.contains("Ġhello"), entries);
      Reply chat =
          runtime.post(
              "/tokenize",
              """
              {"messages": [{"role": "user", "content": "hi"}], "return_token_strs": true}\
              """);
      assertEquals(chat.json().get("count").asInt(), chat.json().get("token_strs").size());
      assertEquals("<|user|>", chat.json().at("/token_strs/1").asText());
    }
  }

  @Test
  void withoutATemplateTheErrorSaysWhatToDo() throws Exception {
    try (TestingRuntime runtime = TestingRuntime.starting()) {
      runtime.load(Optional.empty());
      Reply reply =
          runtime.post(PATH, "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}");
      assertEquals(400, reply.status());
      assertTrue(reply.error().contains("chat_template.jinja"), reply.error());
    }
  }
}
