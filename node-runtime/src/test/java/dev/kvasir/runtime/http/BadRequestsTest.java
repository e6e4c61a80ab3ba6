package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.http.TestingRuntime.Reply;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BadRequestsTest {
  private static TestingRuntime runtime;

  @BeforeAll
  static void start() throws Exception {
    runtime = TestingRuntime.serving();
  }

  @AfterAll
  static void stop() {
    runtime.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "temperature     | \"hot\"            | must be a number, got the string \"hot\"",
        "temperature     | 3                  | must be between 0 and 2, got 3",
        "temperature     | -0.1               | must be between 0 and 2",
        "top_p           | 0                  | above 0",
        "top_p           | [1]                | must be a number, got a list [1]",
        "top_k           | 1.5                | must be a whole number",
        "max_tokens      | 0                  | must be between 1 and",
        "max_tokens      | 1e300              | must be between 1 and",
        "max_tokens      | 99999999999999999999999 | must be between 1 and",
        "max_tokens      | true               | must be a whole number, got true",
        "n               | 0                  | must be between 1 and",
        "n               | 1000               | must be between 1 and",
        "seed            | \"x\"              | must be a whole number",
        "stream          | \"yes\"            | must be true or false, got the string",
        "stop            | 5                  | must be a string, got 5",
        "stop            | [\"a\",\"b\",\"c\",\"d\",\"e\"] | at most 4 strings, got 5",
        "stop[1]         | ~[\"a\",\"\"]      | 1 to 1024 characters",
        "stop_token_ids  | [\"a\"]            | must be a whole number",
        "stop_token_ids  | [320]              | must be between 0 and 319, got 320",
        "logprobs        | 21                 | must be between 0 and 20",
        "logprobs        | true               | must be a whole number",
        "echo            | 1                  | must be true or false, got 1",
        "suffix          | \"x\"              | not supported yet",
        "best_of         | 2                  | not supported yet: leave it out or send 1, got 2",
        "presence_penalty | 2.5               | must be between -2 and 2, got 2.5",
        "frequency_penalty | -3               | must be between -2 and 2, got -3",
        "repetition_penalty | 0               | must be above 0 and at most 1000, got 0",
        "repetition_penalty | -1              | must be between 0 and 1000, got -1",
        "logit_bias      | [5]                | must be an object of at most 1024 token ids and numbers",
        "logit_bias      | {\"320\": 1}       | token ids between 0 and 319 as its keys, got \"320\"",
        "logit_bias      | {\"the\": 1}       | token ids between 0 and 319 as its keys, got \"the\"",
        "logit_bias      | {\"05\": 1}        | token ids between 0 and 319 as its keys, got \"05\"",
        "logit_bias.5    | ~{\"5\": 101}      | must be a number between -100 and 100, got 101",
        "logit_bias.5    | ~{\"5\": null}     | must be a number between -100 and 100, got null",
        "min_p           | 1.1                | must be between 0 and 1, got 1.1",
        "min_tokens      | 1001               | must be between 0 and 1000, got 1001",
        "min_tokens      | 17                 | 17 is more than the 16 tokens to generate at most",
        "prompt_logprobs | 21                 | must be between 0 and 20, got 21",
        "prompt_logprobs | -1                 | must be between 0 and 20, got -1",
        "allowed_token_ids | []               | a list of 1 to 320 token ids, got a list []",
        "allowed_token_ids | [320]            | must be between 0 and 319, got 320",
        "allowed_token_ids | ~[1], \"min_tokens\": 1 | holds only tokens that min_tokens or bad_words bar",
        "bad_words       | \"x\"              | must be a list of at most 128 words",
        "bad_words[1]    | ~[\"x\", \" \"]    | must have 1 to 256 characters and not blanks only",
        "include_stop_str_in_output | \"no\"  | must be true or false",
        "truncate_prompt_tokens | 0           | must be between 1 and 1000, got 0",
        "priority        | 1                  | not supported yet: leave it out or send 0",
        "use_beam_search | true               | not supported yet",
        "length_penalty  | 2                  | not supported yet",
        "cache_salt      | \"\"               | must have 1 to 256 characters, got 0",
        "store           | true               | not supported yet",
        "service_tier    | \"flex\"           | not supported yet",
        "response_format | {\"type\": \"xml\"} | must be text, json_object or json_schema, got 'xml'",
        "response_format | {\"type\": \"json_schema\"} | json_schema' is missing",
        "response_format | {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a b\"}} | must be 1 to 64 letters",
        "response_format | {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"a\"}} | schema' is missing",
        "guided_regex    | ~\"a\", \"response_format\": {\"type\": \"json_object\"} | send one of them",
        "structured_outputs | {}              | needs one of json, regex, choice",
        "structured_outputs | {\"grammar\": \"root\"} | not supported yet",
        "structured_outputs | {\"regex\": \"(a)\\\\1\"} | back-references",
        "structured_outputs | {\"choice\": []} | 1 to 10000 texts",
        "structured_outputs | {\"json\": {\"properties\": {\"a\": {\"not\": {}}}}} | 'not' at /properties/a/not is not supported",
        "guided_json     | {\"type\": \"strin\"} | no JSON type",
        "guided_choice   | \"a\"              | must be a list of texts",
        "guided_grammar  | \"a\"              | not supported yet",
        "ignore_eos      | ~true, \"guided_choice\": [\"a\"] | can't be used with 'guided_choice'",
        "stream_options  | {\"include_usage\": true} | needs 'stream' to be true",
        "nonsense        | 1                  | is not known here",
        "add_special_tokens | 1               | must be true or false",
      })
  void aParameterThatIsWrongIsNamed(String field, String value, String message) throws Exception {
    boolean inner = value.startsWith("~");
    String name = field.replaceFirst("[.\\[].*", "");
    Reply reply =
        runtime.post(
            "/v1/completions",
            "{\"prompt\": \"x\", \"" + name + "\": " + (inner ? value.substring(1) : value) + "}");
    assertEquals(400, reply.status(), reply.response().body());
    assertTrue(reply.error().contains(message), reply.error());
    assertTrue(reply.error().contains(name), reply.error());
    assertTrue(reply.json().at("/error/param").asText().startsWith(name), reply.error());
    assertEquals("invalid_request_error", reply.json().at("/error/type").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                             | 'prompt' is missing",
        "{\"prompt\": null}                             | 'prompt' is missing",
        "{\"prompt\": []}                               | 1 to 128 prompts, got 0",
        "{\"prompt\": [[]]}                             | the prompt has no tokens",
        "{\"prompt\": 5}                                | must be a string or a list of token ids",
        "{\"prompt\": [\"a\", 5]}                       | 'prompt[1]' must be a string or a list",
        "{\"prompt\": [1, \"a\"]}                       | 'prompt[1]' must be a whole number",
        "{\"prompt\": [1, 320]}                         | 'prompt[1]' must be between 0 and 319",
        "{\"prompt\": [-1]}                             | must be between 0 and 319",
        "{\"prompt\": \"a\\ud800b\"}                    | half of a surrogate pair at index 1",
        "{\"prompt\": \"a\", \"prompt\": \"b\"}         | Duplicate field",
        "[]                                             | must be a JSON object, got a list",
        "\"x\"                                          | must be a JSON object",
        "{\"prompt\": \"a\"} x                          | not valid JSON",
        "{\"prompt\": \"a\"                             | not valid JSON",
        "{prompt: 1}                                    | not valid JSON",
        "nul                                            | not valid JSON",
      })
  void aBodyThatIsWrongIsExplained(String body, String message) throws Exception {
    Reply reply = runtime.post("/v1/completions", body);
    assertEquals(400, reply.status(), reply.response().body());
    assertTrue(reply.error().contains(message), reply.error());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                   | 'messages' must be a list",
        "{\"messages\": []}                                   | 1 to 4096 messages, got 0",
        "{\"messages\": \"hi\"}                               | must be a list of objects",
        "{\"messages\": [\"hi\"]}                             | 'messages[0]' must be an object",
        "{\"messages\": [{\"role\": \"boss\", \"content\": \"x\"}]} | 'messages[0].role' must be system",
        "{\"messages\": [{\"role\": \"user\"}]}               | 'messages[0].content' is missing",
        "{\"messages\": [{\"role\": \"user\", \"content\": 5}]} | 'messages[0].content' must be a string",
        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]} | 'messages[0].content[0].type' must be text",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\", \"mood\": 1}]} | 'messages[0].mood' is not known",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"tools\": [{}]} | 'tools[0].type' must be function",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"top_logprobs\": 2} | needs 'logprobs' to be true",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"max_completion_tokens\": 5000} | maximum context length is 1000",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"x\"}], \"chat_template_kwargs\": 1} | must be an object",
      })
  void aConversationThatIsWrongIsExplained(String body, String message) throws Exception {
    Reply reply = runtime.post("/v1/chat/completions", body);
    assertEquals(400, reply.status(), reply.response().body());
    assertTrue(reply.error().contains(message), reply.error());
  }

  @Test
  void moreBiasesThanTheBoundAreRefused() throws Exception {
    String biases =
        IntStream.range(0, 1025).mapToObj(i -> "\"" + i + "\": 1").collect(Collectors.joining(","));
    Reply reply =
        runtime.post("/v1/completions", "{\"prompt\": \"x\", \"logit_bias\": {" + biases + "}}");
    assertEquals(400, reply.status());
    assertTrue(reply.error().contains("at most 1024"), reply.error());
  }

  @Test
  void promptLogprobsNeedAnAnswerInOnePieceAndHaveABound() throws Exception {
    Reply stream =
        runtime.post(
            "/v1/completions", "{\"prompt\": \"x\", \"stream\": true, \"prompt_logprobs\": 1}");
    assertEquals(400, stream.status());
    assertTrue(stream.error().contains("'prompt_logprobs' is for answers in one piece"));
    String ids = "7,".repeat(799) + "7";
    Reply many =
        runtime.post(
            "/v1/completions",
            "{\"prompt\": [" + ids + "], \"n\": 128, \"echo\": true, \"logprobs\": 20}");
    assertEquals(400, many.status());
    assertTrue(many.error().contains("800 prompt tokens, 21 for each of n=128"), many.error());
  }

  @Test
  void harmlessParametersAndNeutralValuesAreTaken() throws Exception {
    Reply reply =
        runtime.post(
            "/v1/chat/completions",
            """
            {"messages": [{"role": "user", "content": "x", "name": "Ann"}], "max_tokens": 1,
             "user": "u", "metadata": {"a": "b"}, "store": false, "presence_penalty": 0,
             "frequency_penalty": 0.0, "logit_bias": {}, "response_format": {"type": "text"},
             "tools": [], "tool_choice": "none", "seed": null, "stop": null, "n": 1,
             "service_tier": "auto", "min_p": 0, "min_tokens": 0, "repetition_penalty": 1,
             "bad_words": [], "top_k": -1, "priority": 0, "echo": false, "length_penalty": 1.0,
             "use_beam_search": false, "spaces_between_special_tokens": true, "modalities": ["text"]}\
            """);
    assertEquals(200, reply.status(), reply.response().body());
  }

  @Test
  void tooLongIsOpenAisError() throws Exception {
    Reply reply = runtime.post("/v1/completions", "{\"prompt\": \"x\", \"max_tokens\": 5000}");
    assertEquals("context_length_exceeded", reply.code());
    Reply prompt = runtime.post("/v1/completions", "{\"prompt\": \"" + "z".repeat(300_000) + "\"}");
    assertEquals("context_length_exceeded", prompt.code());
  }

  @Test
  void deepNestingInvalidUtf8AndOtherTypesGetA4xx() throws Exception {
    String deep = "{\"prompt\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    Reply nested = runtime.post("/v1/completions", deep);
    assertEquals(400, nested.status());
    assertTrue(nested.error().contains("nesting depth"), nested.error());
    String invalid =
        runtime.raw(TestingRuntime.request("/v1/completions", "{\"prompt\": \"\u00ff\"}"));
    assertTrue(invalid.startsWith("HTTP/1.1 400") && invalid.contains("not valid UTF-8"), invalid);
    String form =
        runtime.raw(
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 2\r\n\r\n{}");
    assertTrue(form.startsWith("HTTP/1.1 415"), form);
  }

  @Test
  void pathsAndMethodsThatAreNotThere() throws Exception {
    assertEquals(404, runtime.get("/v1/nothing").status());
    assertEquals(404, runtime.get("/").status());
    assertEquals(404, runtime.get("/v1/models/other").status());
    assertEquals("model_not_found", runtime.get("/v1/models/other").code());
    assertEquals(
        "model_not_found",
        runtime.post("/v1/completions", "{\"model\": \"other\", \"prompt\": \"x\"}").code());
    Reply wrong = runtime.send("DELETE", runtime.server.apiPort(), "/v1/completions", null);
    assertEquals(405, wrong.status());
    assertEquals("OPTIONS, POST", wrong.response().headers().firstValue("Allow").orElseThrow());
    Reply head = runtime.send("HEAD", runtime.server.apiPort(), "/health", null);
    assertEquals(200, head.status());
    assertEquals(204, runtime.send("OPTIONS", runtime.server.apiPort(), "/health", null).status());
    assertEquals(404, runtime.get("/drain").status(), "the API's port must not drain");
  }

  @Test
  void brokenHttpGetsA4xxOrACloseAndTheServerLives() throws Exception {
    List<String> broken =
        List.of(
            "\r\n\r\n",
            "garbage\r\n\r\n",
            "GET\r\n\r\n",
            "GET /health\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET mailto:x HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
            "POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}",
            "GET /health HTTP/1.1\r\n" + headers(1000) + "\r\n",
            "GET /health HTTP/1.1\r\nX-A: " + "b".repeat(1 << 20) + "\r\n\r\n",
            "GET /" + "a".repeat(1 << 20) + " HTTP/1.1\r\n\r\n",
            "GET /health HTTP/1.1\r\nBad Header: x\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003");
    for (String request : broken) {
      String reply = reply(request);
      String shown = request.substring(0, Math.min(60, request.length()));
      assertTrue(
          reply.isEmpty() || reply.matches("(?s)HTTP/1.1 [45]\\d\\d .*"), shown + " -> " + reply);
      assertFalse(reply.contains("\tat "), "a stack trace for " + shown);
      assertFalse(reply.startsWith("HTTP/1.1 500"), shown + " -> " + reply);
      assertEquals(200, runtime.get("/health").status(), "dead after " + shown);
    }
  }

  private static String headers(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "X-A" + i + ": b\r\n")
        .collect(Collectors.joining());
  }

  /** A reset while we still write is a refusal too. */
  private static String reply(String request) {
    try {
      return runtime.raw(request);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void randomJsonNeverBreaksTheServer() throws Exception {
    String[] fields = {"prompt", "max_tokens", "stop", "n", "stream_options", "seed", "logprobs"};
    String[] values = {
      "null", "[]", "{}", "\"\"", "-1", "1e999", "[[[]]]", "true", "[null]", "\"\\u0000\"", "0.5"
    };
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String body =
          "{\""
              + fields[random.nextInt(fields.length)]
              + "\": "
              + values[random.nextInt(values.length)]
              + (random.nextBoolean() ? ", \"prompt\": [7]" : "")
              + "}";
      int status = runtime.post("/v1/completions", body).status();
      assertTrue(status == 200 || (status >= 400 && status < 500), body + " -> " + status);
    }
  }
}
