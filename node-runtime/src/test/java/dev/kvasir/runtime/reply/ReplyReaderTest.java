package dev.kvasir.runtime.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyReaderTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String DS_BEGIN = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>";
  private static final String DS_END = "<｜tool▁call▁end｜><｜tool▁calls▁end｜>";

  private static Tools tools() {
    try {
      return new Tools(
          Map.of(
              "get_weather",
              MAPPER.readTree(
                  "{\"properties\":{\"city\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\"}}}"),
              "now",
              MAPPER.readTree("{}")));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Format, text, and what must come out: R(easoning), C(ontent), name(arguments). Line breaks are
   * written as arrows, DeepSeek's marks as BEGIN and END.
   */
  private static final String REPLIES =
      """
      hermes¦Hello¦C:Hello
      hermes¦¦
      hermes¦<tool_call>↵{"name": "get_weather", "arguments": {"city": "Oslo"}}↵</tool_call>¦get_weather({"city":"Oslo"})
      hermes¦Let me see.↵<tool_call>{"name": "now", "arguments": {}}</tool_call>↵<tool_call>{"name": "now"}</tool_call>↵¦C:Let me see.|now({})|now({})
      hermes¦<tool_call>{"name": "now", "arguments": {"a": "}</tool_call> \\" {"}}¦now({"a":"}</tool_call> \\" {"})
      hermes¦<tool_call>{"name": "now", "arguments": {}}</tool_call> Done.¦now({})|C:Done.
      hermes¦<tool_call>{"name": "now", "arguments": {"a": [1, "x y¦now({"a":[1,"x y)
      hermes¦<tool_call>{"name": "now", "arguments": {"a": <b>¦now({"a":)|C:<b>
      hermes¦a <tool_call> b¦C:a <tool_call> b
      hermes¦a < b <tool¦C:a < b <tool
      hermes¦<tool_call>{"name": "now", "argu¦C:<tool_call>{"name": "now", "argu
      hermes¦<tool_call>{"x": 1}</tool_call>¦C:<tool_call>{"x": 1}</tool_call>
      hermes¦<tool_call>{"name": "now"↵<tool_call>{"name": "now"}</tool_call>¦C:<tool_call>{"name": "now"|now({})
      hermes¦<tool_call>{"name": "now", "arguments": "{\\"a\\": 1}"}</tool_call>¦now({"a":1})
      llama3_json¦{"name": "get_weather", "parameters": {"city": "Oslo", "days": 1.50}}¦get_weather({"city":"Oslo","days":1.5})
      llama3_json¦<|python_tag|>{"type": "function", "name": "now", "parameters": {}}; {"name": "now", "parameters": {}}¦now({})|now({})
      llama3_json¦{"name": "Alice", "parameters": {}}¦C:{"name": "Alice", "parameters": {}}
      llama3_json¦{"a": {"name": 1}}¦C:{"a": {"name": 1}}
      llama3_json¦It is {"name": "now"}¦C:It is {"name": "now"}
      llama3_json¦I will call:↵{"name": "now", "arguments": {}}¦C:I will call:|now({})
      llama3_json¦<|python_tag|>print(1)¦C:<|python_tag|>print(1)
      mistral¦[TOOL_CALLS][{"name": "now", "arguments": {}}, {"name": "get_weather", "arguments": {"city": "]"}}]¦now({})|get_weather({"city":"]"})
      mistral¦[TOOL_CALLS]get_weather[ARGS]{"city": "Oslo"}[TOOL_CALLS]now[CALL_ID]abcdefghi[ARGS]{}¦get_weather({"city":"Oslo"})|now({})
      mistral¦ok [TOOL_CALLS] now{"a": [1, 2]}¦C:ok|now({"a":[1,2]})
      mistral¦[TOOL_CALLS]now{"a": [1, 2]}¦now({"a":[1,2]})
      mistral¦[TOOL_CALLS][{"name": "now"}¦C:[TOOL_CALLS][{"name": "now"}
      qwen3_coder¦<tool_call>↵<function=get_weather>↵<parameter=city>↵12↵</parameter>↵<parameter=days>↵3↵</parameter>↵<parameter=more>↵{"a": [1]}↵</parameter>↵</function>↵</tool_call>¦get_weather({"city":"12","days":3,"more":{"a":[1]}})
      qwen3_coder¦<tool_call>↵<function=now>↵<parameter=code>↵if a < b:↵  print("x")↵¦C:<tool_call>↵<function=now>↵<parameter=code>↵if a < b:↵  print("x")↵
      pythonic¦[get_weather(city='O\\'slo', days=-2), now(a=[1, 2.5, None], b={'k': True}, c="x" 'y')]¦get_weather({"city":"O'slo","days":-2})|now({"a":[1,2.5,null],"b":{"k":true},"c":"xy"})
      pythonic¦[1, 2] and [unknown(a=1)]¦C:[1, 2] and [unknown(a=1)]
      pythonic¦[link](http://x)¦C:[link](http://x)
      pythonic¦[now(1)]¦C:[now(1)]
      pythonic¦```tool_code↵now()↵```¦now({})
      pythonic¦```tool_code↵[now(), now()]↵```¦now({})|now({})
      phi4_mini_json¦functools[{"name": "now", "arguments": {}}]¦now({})
      phi4_mini_json¦<|tool_call|>[{"name": "now", "arguments": {}}]<|/tool_call|>¦now({})
      phi4_mini_json¦import functools↵¦C:import functools↵
      deepseek_v3¦Hm. BEGINfunction<｜tool▁sep｜>now↵```json↵{"a": "```"}↵```END¦C:Hm.|now({"a":"```"})
      deepseek_v31¦BEGINnow<｜tool▁sep｜>{}END¦now({})
      deepseek_v3¦BEGINfunction¦C:BEGINfunction
      hermes¦<think>↵I could <tool_call> it↵</think>↵↵<tool_call>{"name": "now"}</tool_call>¦R:I could <tool_call> it|now({})
      hermes¦<think>↵↵</think>↵↵Hi¦C:Hi
      hermes¦<think>one </thin two¦R:one </thin two
      hermes¦ <thinking¦C: <thinking
      hermes¦Hi <think>no</think>¦C:Hi <think>no</think>
      deepseek_r1¦so be it↵</think>↵↵Hi¦R:so be it|C:Hi
      deepseek_r1¦<think>so be it</think>Hi¦R:so be it|C:Hi
      """;

  private static List<Arguments> replies() {
    return REPLIES
        .lines()
        .map(line -> {
          String[] parts =
              line.replace("BEGIN", DS_BEGIN)
                  .replace("END", DS_END)
                  .replace("↵", "\n")
                  .split("¦", -1);
          return of(parts[0], parts[1], parts[2]);
        })
        .toList();
  }

  private static Arguments of(String format, String text, String parts) {
    return Arguments.of(format, text, parts);
  }

  private static ReplyReader reader(String format) {
    boolean r1 = format.equals("deepseek_r1");
    return new ReplyReader(
        Formats.reasoning(r1 ? "deepseek_r1" : "qwen3", "").orElseThrow(),
        r1,
        Formats.tools(r1 ? "hermes" : format, "").orElseThrow(),
        tools());
  }

  private static String written(List<ReplyPart> parts) {
    List<String> all = new ArrayList<>();
    for (ReplyPart part : joined(parts)) {
      all.add(
          switch (part) {
            case ReplyPart.Content content -> "C:" + content.text();
            case ReplyPart.Reasoning reasoning -> "R:" + reasoning.text();
            case ReplyPart.Call call -> call.name() + "(" + call.arguments() + ")";
            case ReplyPart.Arguments more -> throw new AssertionError("no call for " + more);
          });
    }
    return String.join("|", all);
  }

  /** Neighbours of a kind are one. */
  private static List<ReplyPart> joined(List<ReplyPart> parts) {
    List<ReplyPart> joined = new ArrayList<>();
    for (ReplyPart part : parts) {
      ReplyPart last = joined.isEmpty() ? null : joined.getLast();
      if (last instanceof ReplyPart.Content a && part instanceof ReplyPart.Content b) {
        joined.set(joined.size() - 1, new ReplyPart.Content(a.text() + b.text()));
      } else if (last instanceof ReplyPart.Reasoning a && part instanceof ReplyPart.Reasoning b) {
        joined.set(joined.size() - 1, new ReplyPart.Reasoning(a.text() + b.text()));
      } else if (last instanceof ReplyPart.Call a && part instanceof ReplyPart.Arguments b) {
        joined.set(joined.size() - 1, new ReplyPart.Call(a.name(), a.arguments() + b.text()));
      } else {
        joined.add(part);
      }
    }
    return joined;
  }

  private static List<ReplyPart> whole(String format, String text) {
    ReplyReader reader = reader(format);
    List<ReplyPart> parts = new ArrayList<>(reader.append(text));
    parts.addAll(reader.finish());
    return parts;
  }

  private static List<ReplyPart> inPieces(String format, String text, SplittableRandom random) {
    ReplyReader reader = reader(format);
    List<ReplyPart> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = Math.min(text.length(), at + random.nextInt(1, 6));
      parts.addAll(reader.append(text.substring(at, end)));
      at = end;
    }
    parts.addAll(reader.finish());
    return parts;
  }

  @ParameterizedTest
  @MethodSource("replies")
  void partsAreTakenOutOfTheText(String format, String text, String parts) {
    assertEquals(parts, written(whole(format, text)));
  }

  @ParameterizedTest
  @MethodSource("replies")
  void howTheTextIsCutChangesNothing(String format, String text, String parts) {
    String expected = written(whole(format, text));
    for (long seed = 0; seed < 40; seed++) {
      String cut = written(inPieces(format, text, new SplittableRandom(seed)));
      assertEquals(expected, cut, "seed " + seed);
    }
  }

  @Test
  void argumentsComeOutWhileTheyAreWritten() {
    ReplyReader reader = reader("hermes");
    assertEquals(List.of(), reader.append("<tool_call>{\"name\": \"now\", \"argum"));
    assertEquals(
        List.of(new ReplyPart.Call("now", ""), new ReplyPart.Arguments("{\"a\":\"on")),
        reader.append("ents\": {\"a\": \"on"));
    assertEquals(List.of(new ReplyPart.Arguments("e }")), reader.append("e }"));
    assertEquals(List.of(new ReplyPart.Arguments("\"}")), reader.append("\" }} </tool_"));
    assertEquals(List.of(), reader.append("call>"));
    assertEquals(List.of(), reader.finish());
  }

  /** Broken replies: pieces of real ones, shuffled. Nothing hangs, and the cuts don't matter. */
  @Test
  void garbageComesOutTheSameHoweverItIsCut() {
    List<Arguments> replies = replies();
    for (long seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String format = (String) replies.get(random.nextInt(replies.size())).get()[0];
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        String from = (String) replies.get(random.nextInt(replies.size())).get()[1];
        int start = random.nextInt(from.length() + 1);
        text.append(from, start, random.nextInt(start, from.length() + 1));
      }
      String expected = written(whole(format, text.toString()));
      assertEquals(
          expected, written(inPieces(format, text.toString(), random)), () -> format + ": " + text);
      assertTrue(expected.length() <= text.length() + 200, expected);
    }
  }

  @ParameterizedTest
  @MethodSource("endless")
  void aReplyThatNeverEndsItsCallTakesLinearTime(String format, String begin, String more) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          ReplyReader reader = reader(format);
          int parts = reader.append(begin).size();
          for (int i = 0; i < 60_000; i++) {
            parts += reader.append(more).size();
          }
          parts += reader.finish().size();
          assertTrue(parts > 0);
        });
  }

  private static List<Arguments> endless() {
    return List.of(
        of("hermes", "<tool_call>{\"name\": \"now\", \"arguments\": {\"a\": \"", "text "),
        of("hermes", "", "<tool_call>{\""),
        of("llama3_json", "{\"name\": [", "\n{\"name\": ["),
        of("mistral", "[TOOL_CALLS][", "{}, "),
        of("qwen3_coder", "<function=now><parameter=a>", "<parameter=b>x\n"),
        of("qwen3_coder", "<function=now>", "<parameter=b></parameter>"),
        of("pythonic", "[now(", "a=1, "),
        of("deepseek_v3", "<｜tool▁call▁begin｜>", "function"));
  }
}
