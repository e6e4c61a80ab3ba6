package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.http.TestingRuntime.Reply;
import dev.kvasir.runtime.template.ChatTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tools and reasoning as a client sees them, with a model that speaks as Hermes and Qwen do. */
class ToolCallsTest {
  private static final String PATH = "/v1/chat/completions";
  private static final String TEMPLATE =
      """
      {%- if tools %}{{ '[' + (tools | map(attribute='function.name') | join(',')) + ']' }}{% endif %}
      {%- for m in messages %}
      {{- '<|' + m.role + '|>' }}{{ m.reasoning_content }}{{ m.content }}
      {%- for call in m.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor %}
      {%- endfor %}
      {%- if add_generation_prompt %}<|assistant|>{% if opened %}<think>
      {% endif %}{% endif %}
      """;
  private static final String TOOLS =
      """
      "tools": [{"type": "function", "function": {"name": "now", "description": "d",
        "parameters": {"type": "object", "properties": {}}}}]\
      """;
  private static final String CALL =
      "<tool_call>\n{\"name\": \"now\", \"arguments\": {\"a\": 1}}\n</tool_call>";

  private static TestingRuntime runtime;

  @BeforeAll
  static void start() throws Exception {
    runtime = TestingRuntime.starting();
    runtime.load(Optional.of(ChatTemplate.of(TEMPLATE, Map.of())));
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  private static Reply ask(String answer, String fields) throws Exception {
    runtime.answers(answer);
    return runtime.post(
        PATH, "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], " + fields + "}");
  }

  @Test
  void aCallComesAsOpenAiWritesIt() throws Exception {
    JsonNode choice = ask(CALL, TOOLS).json().at("/choices/0");
    assertEquals("tool_calls", choice.get("finish_reason").asText());
    assertTrue(choice.at("/message/content").isNull());
    JsonNode call = choice.at("/message/tool_calls/0");
    assertEquals("function", call.get("type").asText());
    assertTrue(call.get("id").asText().startsWith("call_"));
    assertEquals("now", call.at("/function/name").asText());
    assertEquals("{\"a\":1}", call.at("/function/arguments").asText());
  }

  @Test
  void aStreamSaysFirstWhoIsCalledAndThenWithWhat() throws Exception {
    List<JsonNode> chunks =
        ask("Let me see. " + CALL + CALL, TOOLS + ", \"stream\": true").chunks();
    StringBuilder content = new StringBuilder();
    List<JsonNode> calls = new ArrayList<>();
    for (JsonNode chunk : chunks) {
      JsonNode delta = chunk.at("/choices/0/delta");
      content.append(delta.path("content").asText(""));
      delta.path("tool_calls").forEach(calls::add);
    }
    assertEquals("Let me see.", content.toString());
    for (int i = 0; i < 2; i++) {
      int index = i;
      List<JsonNode> own =
          calls.stream().filter(call -> call.get("index").asInt() == index).toList();
      JsonNode first = own.getFirst();
      assertTrue(first.get("id").asText().startsWith("call_"));
      assertEquals("function", first.get("type").asText());
      assertEquals("now", first.at("/function/name").asText());
      assertEquals("", first.at("/function/arguments").asText());
      List<JsonNode> rest = own.subList(1, own.size());
      assertTrue(rest.size() > 1, "the arguments come in parts");
      assertTrue(rest.stream().noneMatch(part -> part.has("id")));
      assertEquals(
          "{\"a\":1}",
          rest.stream()
              .map(part -> part.at("/function/arguments").asText())
              .collect(Collectors.joining()));
    }
    assertEquals("tool_calls", chunks.getLast().at("/choices/0/finish_reason").asText());
  }

  @Test
  void onlyOneCallCountsWhereParallelOnesAreNotWanted() throws Exception {
    JsonNode json = ask(CALL + CALL, TOOLS + ", \"parallel_tool_calls\": false").json();
    assertEquals(1, json.at("/choices/0/message/tool_calls").size());
  }

  @Test
  void aCallThatNeverEndsIsContent() throws Exception {
    String broken = CALL.substring(0, 30);
    JsonNode choice = ask(broken, TOOLS).json().at("/choices/0");
    assertEquals(broken, choice.at("/message/content").asText());
    assertEquals("stop", choice.get("finish_reason").asText());
    assertFalse(choice.get("message").has("tool_calls"));
  }

  @Test
  void withoutToolsOrWithNoneTheTextIsLeftAlone() throws Exception {
    assertEquals(CALL, ask(CALL, "\"n\": 1").json().at("/choices/0/message/content").asText());
    String none = TOOLS + ", \"tool_choice\": \"none\"";
    assertEquals(CALL, ask(CALL, none).json().at("/choices/0/message/content").asText());
  }

  @Test
  void reasoningIsKeptApart() throws Exception {
    JsonNode json = ask("<think>\nwell\n</think>\n\nHi", "\"n\": 1").json();
    assertEquals("Hi", json.at("/choices/0/message/content").asText());
    assertEquals("well", json.at("/choices/0/message/reasoning_content").asText());
    assertEquals("well", json.at("/choices/0/message/reasoning").asText());
    int reasoning = json.at("/usage/completion_tokens_details/reasoning_tokens").asInt();
    assertTrue(reasoning > 0 && reasoning < json.at("/usage/completion_tokens").asInt());
  }

  @Test
  void aPromptThatOpensTheReasoningIsSeen() throws Exception {
    String opened = "\"chat_template_kwargs\": {\"opened\": true}, \"stream\": true";
    StringBuilder content = new StringBuilder();
    StringBuilder reasoning = new StringBuilder();
    for (JsonNode chunk : ask("well\n</think>\n\nHi", opened).chunks()) {
      content.append(chunk.at("/choices/0/delta/content").asText(""));
      reasoning.append(chunk.at("/choices/0/delta/reasoning_content").asText(""));
    }
    assertEquals("Hi", content.toString());
    assertEquals("well", reasoning.toString());
  }

  @Test
  void reasoningCanBeLeftOut() throws Exception {
    JsonNode json = ask("<think>well</think>Hi", "\"include_reasoning\": false").json();
    assertEquals("Hi", json.at("/choices/0/message/content").asText());
    assertFalse(json.at("/choices/0/message").has("reasoning_content"));
  }

  private static String prompt(String body) throws Exception {
    return decoded(runtime, runtime.post("/tokenize", body));
  }

  private static String decoded(TestingRuntime runtime, Reply reply) {
    assertEquals(200, reply.status(), reply.response().body());
    List<Integer> ids = new ArrayList<>();
    reply.json().get("tokens").forEach(id -> ids.add(id.asInt()));
    return runtime.tokenizer.decode(ids.stream().mapToInt(i -> i).toArray(), false);
  }

  @Test
  void theTemplateGetsToolsAndArgumentsAsObjects() throws Exception {
    String prompt =
        prompt(
            "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"},"
                + " {\"role\": \"assistant\", \"content\": null, \"reasoning\": \"so\", \"tool_calls\": [{\"id\": \"call_1\","
                + " \"type\": \"function\", \"function\": {\"name\": \"now\", \"arguments\": \"{\\\"a\\\": [1, null]}\"}}]},"
                + " {\"role\": \"tool\", \"tool_call_id\": \"call_1\", \"content\": \"12\"}], "
                + TOOLS
                + "}");
    assertEquals(
        "[now]<|user|>hi<|assistant|>so<tool_call>{\"name\": \"now\", \"arguments\": {\"a\": [1, null]}}"
            + "</tool_call><|tool|>12<|assistant|>",
        prompt);
  }

  @Test
  void theLastMessageCanBeContinued() throws Exception {
    String prompt =
        prompt(
            """
            {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Well, "}],
             "continue_final_message": true}\
            """);
    assertEquals("<|user|>hi<|assistant|>Well, ", prompt);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"tools\": [{}] | tools[0].type' must be function",
        "\"tools\": [{\"type\": \"function\"}] | tools[0].function' is missing",
        "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a b\"}}] | tools[0].function.name' must be 1 to 64",
        "\"tools\": [{\"type\": \"function\", \"function\": {\"name\": \"a\", \"parameters\": 3}}] | must be a JSON schema",
        "\"tool_choice\": \"auto\" | needs 'tools'",
        "TOOLS, \"tool_choice\": \"maybe\" | must be none, auto, required",
        "TOOLS, \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"x\"}} | names the tool 'x'",
        "\"reasoning_effort\": \"high\" | 'reasoning_effort' has no effect",
        "\"documents\": [{\"text\": \"x\"}] | 'documents' has no effect",
        "\"continue_final_message\": true, \"add_generation_prompt\": true | can't both be true",
      })
  void badToolsAreRefusedByName(String fields, String message) throws Exception {
    Reply reply = ask("x", fields.replace("TOOLS", TOOLS));
    assertEquals(400, reply.status());
    assertTrue(reply.error().contains(message), reply.error());
  }

  @Test
  void badCallsInTheHistoryAreRefused() throws Exception {
    Reply reply =
        runtime.post(
            PATH,
            """
            {"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "now", "arguments": "{"}}]}]}\
            """);
    assertEquals(400, reply.status());
    assertTrue(
        reply.error().contains("messages[0].tool_calls[0].function.arguments"), reply.error());
  }

  private static final String HISTORY =
      """
      {"messages": [{"role": "user", "content": "hi"},
        {"role": "assistant", "content": "so", "tool_calls": [{"id": "c", "type": "function", "function":
          {"name": "now", "arguments": "{\\"a\\": 1}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "12"}, {"role": "user", "content": "ok?"}],\
      """;

  /** What is written, and what a template does with a system message. */
  @ParameterizedTest
  @CsvSource({"takes it, system", "raises, user", "ignores it, user"})
  void toolsArePutIntoWordsWhereTheTemplateTakesNone(String system, String speaker)
      throws Exception {
    String template =
        """
        {%- for m in messages %}{% if m.role == 'system' and how == 'raises' %}{{ raise_exception('no') }}{% endif %}
        {%- if m.role in ['user', 'assistant'] or how == 'takes it' %}{{ '<' + m.role + '>' + m.content }}{% endif %}{% endfor -%}
        """
            .replace("how", "'" + system + "'");
    try (TestingRuntime plain = TestingRuntime.starting()) {
      plain.load(Optional.of(ChatTemplate.of(template, Map.of())));
      plain.engine.maxModelLen(8192);
      Reply tokens = plain.post("/tokenize", HISTORY + TOOLS + "}");
      String prompt = decoded(plain, tokens);
      assertTrue(prompt.startsWith("<" + speaker + ">You can call functions."), prompt);
      assertTrue(prompt.endsWith("</tool_response>\nok?"), prompt);
      assertTrue(prompt.contains("\"name\":\"now\",\"description\":\"d\""), prompt);
      assertTrue(prompt.contains("<assistant>so\n<tool_call>\n{\"name\":\"now\""), prompt);
      assertTrue(prompt.contains("<user><tool_response>\n12\n</tool_response>"), prompt);
      plain.answers(CALL);
      JsonNode choice = plain.post(PATH, HISTORY + TOOLS + "}").json().at("/choices/0");
      assertEquals("now", choice.at("/message/tool_calls/0/function/name").asText());
    }
  }
}
