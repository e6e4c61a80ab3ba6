package dev.kvasir.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.grammar.GrammarState;
import dev.kvasir.runtime.grammar.Grammars;
import dev.kvasir.runtime.grammar.Vocabulary;
import dev.kvasir.runtime.http.ToolAsk.Choice;
import dev.kvasir.runtime.reply.ForcedCalls;
import dev.kvasir.runtime.reply.ReplyPart;
import dev.kvasir.runtime.reply.ReplyReader;
import dev.kvasir.runtime.reply.Tools;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ToolGrammarTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int END = 256;

  private static Tools tools() throws Exception {
    Map<String, JsonNode> tools = new LinkedHashMap<>();
    tools.put("now", MAPPER.readTree("{}"));
    tools.put(
        "get_weather",
        MAPPER.readTree(
            """
            {"type": "object", "properties": {"city": {"type": "string", "maxLength": 8},
             "unit": {"enum": ["c", "f"]}}, "required": ["city", "unit"], "additionalProperties": false}\
            """));
    return new Tools(tools);
  }

  private static Grammar grammar(Choice choice, boolean parallel) throws Exception {
    byte[][] bytes = new byte[END + 1][];
    for (int i = 0; i < END; i++) {
      bytes[i] = new byte[] {(byte) i};
    }
    return new Grammars(new Vocabulary(bytes))
        .compile(ToolGrammar.of(new ToolAsk(List.of(), tools(), choice, parallel)));
  }

  private static boolean accepts(Grammar grammar, String text) {
    GrammarState state = grammar.newState(Set.of(END), END + 1);
    return text.chars().allMatch(state::accept) && state.isComplete();
  }

  @Test
  void aNamedToolIsTheOnlyOne() throws Exception {
    Grammar named = grammar(new Choice.Named("get_weather"), true);
    String call =
        "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\", \"unit\": \"c\"}}";
    assertEquals(true, accepts(named, call));
    assertEquals(false, accepts(named, call + "\n" + call));
    assertEquals(false, accepts(named, "{\"name\": \"now\", \"arguments\": {}}"));
    assertEquals(false, accepts(named, call.replace("\"c\"", "\"k\"")));
  }

  @Test
  void aRequiredCallMayBeAnyAndSeveralWhereParallelOnesAreWanted() throws Exception {
    String call = "{\"name\": \"now\", \"arguments\": {\"x\": 1}}";
    assertEquals(true, accepts(grammar(new Choice.Required(), true), call + "\n" + call));
    assertEquals(true, accepts(grammar(new Choice.Required(), false), call));
    assertEquals(false, accepts(grammar(new Choice.Required(), false), call + "\n" + call));
    assertEquals(false, accepts(grammar(new Choice.Required(), true), ""));
  }

  @Test
  void nothingIsForcedOtherwise() throws Exception {
    assertNull(ToolGrammar.of(new ToolAsk(List.of(), tools(), new Choice.Auto(), true)));
    assertNull(ToolGrammar.of(new ToolAsk(null, tools(), new Choice.None(), true)));
  }

  /** Whatever a model writes under the mask, the calls are read out of it. */
  @Test
  void whatTheMaskLetsThroughIsReadAsCalls() throws Exception {
    Grammar grammar = grammar(new Choice.Required(), true);
    for (long seed = 0; seed < 200; seed++) {
      String text = walk(grammar, new SplittableRandom(seed));
      ReplyReader reader = new ReplyReader(null, false, new ForcedCalls(), tools());
      List<ReplyPart> parts = new ArrayList<>(reader.append(text));
      parts.addAll(reader.finish());
      assertEquals(2 * text.lines().count(), parts.size(), "seed " + seed + ": " + text);
      for (int i = 0; i < parts.size(); i += 2) {
        ReplyPart.Call call = (ReplyPart.Call) parts.get(i);
        ReplyPart.Arguments arguments = (ReplyPart.Arguments) parts.get(i + 1);
        assertEquals(true, tools().parameters().containsKey(call.name()));
        assertEquals(true, MAPPER.readTree(arguments.text()).isObject());
      }
    }
  }

  private static String walk(Grammar grammar, SplittableRandom random) {
    GrammarState state = grammar.newState(Set.of(END), END + 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int left = 600;
    while (true) {
      long[] mask = state.mask(left--);
      int[] allowed =
          IntStream.rangeClosed(0, END).filter(i -> (mask[i >> 6] >>> i & 1) != 0).toArray();
      int token = allowed[random.nextInt(allowed.length)];
      if (token == END) {
        return out.toString(StandardCharsets.UTF_8);
      }
      out.write(token);
      state.accept(token);
    }
  }
}
