package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.grammar.GrammarState;
import java.util.BitSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests for structured output make of the engine's request. */
class StructuredOutputTest {
  private TestingRuntime runtime;

  @BeforeEach
  void start() throws Exception {
    runtime = TestingRuntime.serving();
  }

  @AfterEach
  void stop() {
    runtime.close();
  }

  private Grammar asked(String path, String parameters) throws Exception {
    String input =
        path.contains("chat")
            ? "\"messages\": [{\"role\": \"user\", \"content\": \"x\"}]"
            : "\"prompt\": \"x\"";
    TestingRuntime.Reply reply =
        runtime.post(path, "{" + input + ", \"max_tokens\": 4, " + parameters + "}");
    assertEquals(200, reply.status(), reply.response().body());
    return runtime.engine.last().grammar();
  }

  private Grammar asked(String parameters) throws Exception {
    return asked("/v1/completions", parameters);
  }

  private boolean holds(Grammar grammar, String text) {
    GrammarState state = grammar.newState(Set.of(TestingRuntime.EOS), 320);
    for (int token : runtime.tokenizer.encode(text, false)) {
      if (!state.accept(token)) {
        return false;
      }
    }
    return state.isComplete();
  }

  @Test
  void everySpellingOfASchemaMeansTheSame() throws Exception {
    String schema = "{\"properties\": {\"a\": {\"const\": 1}}, \"required\": [\"a\"]}";
    String format =
        "\"response_format\": {\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\", \"strict\": true, \"schema\": "
            + schema
            + "}}";
    for (Grammar grammar :
        new Grammar[] {
          asked(format),
          asked("/v1/chat/completions", format),
          asked("\"structured_outputs\": {\"json\": " + schema + "}"),
          asked("\"structured_outputs\": {\"json\": \"" + schema.replace("\"", "\\\"") + "\"}"),
          asked("\"guided_json\": " + schema)
        }) {
      assertTrue(holds(grammar, "{\"a\": 1}"));
      assertFalse(holds(grammar, "{\"a\": 2}"));
    }
  }

  @Test
  void objectsExpressionsAndChoicesAreTaken() throws Exception {
    Grammar object =
        asked("/v1/chat/completions", "\"response_format\": {\"type\": \"json_object\"}");
    assertTrue(holds(object, "{\"x\": [1, {}]}"));
    assertFalse(holds(object, "[1]"));
    Grammar expression = asked("\"structured_outputs\": {\"regex\": \"a+b\"}");
    assertTrue(holds(expression, "aab"));
    assertFalse(holds(expression, "xaab"));
    Grammar choice = asked("\"guided_choice\": [\"yes\", \"no, \\u00e9\"]");
    assertTrue(holds(choice, "no, \u00e9"));
    assertFalse(holds(choice, "no"));
    assertNull(asked("\"response_format\": {\"type\": \"text\"}"));
  }

  /** Such checkpoints have a tokenizer.model and no tokenizer.json. */
  @ParameterizedTest
  @ValueSource(strings = {"spm-bpe", "spm-unigram"})
  void aSentencePieceModelIsEnough(String model) throws Exception {
    runtime.close();
    runtime = TestingRuntime.serving(model);
    Grammar grammar = asked("\"guided_regex\": \"\\\\{the (world|\\u00e9)\\\\}[0-9]{1,3}\"");
    for (int seed = 0; seed < 20; seed++) {
      String text = drawn(grammar, new SplittableRandom(seed));
      assertTrue(text.matches("\\{the (world|\u00e9)\\}[0-9]{1,3}"), "seed " + seed + ": " + text);
    }
  }

  private String drawn(Grammar grammar, SplittableRandom random) {
    GrammarState state = grammar.newState(Set.of(2), 360);
    int[] ids = new int[40];
    for (int i = 0; !state.isOver(); i++) {
      int[] allowed = BitSet.valueOf(state.mask(ids.length - i)).stream().toArray();
      ids[i] = allowed[random.nextInt(allowed.length)];
      assertTrue(state.accept(ids[i]));
    }
    return runtime.tokenizer.decode(ids, true);
  }

  @Test
  void theSameRequestIsCompiledOnce() throws Exception {
    String parameters = "\"guided_regex\": \"[0-9]+\"";
    assertSame(asked(parameters), asked(parameters));
  }
}
