package dev.kvasir.runtime.reply;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The formats by the names that vLLM gives them, and the one that a chat template speaks. */
public final class Formats {
  private static final String AUTO = "auto";
  private static final String NONE = "none";

  private static final ToolFormat HERMES =
      new MarkedJson(List.of("<tool_call>"), List.of("</tool_call>"), false);
  private static final Map<String, ToolFormat> TOOLS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("hermes", HERMES),
              Map.entry("llama3_json", new LlamaJson()),
              Map.entry("llama4_json", new LlamaJson()),
              Map.entry("mistral", new MistralCalls()),
              Map.entry("pythonic", new Pythonic()),
              Map.entry("llama4_pythonic", new Pythonic()),
              Map.entry("qwen3_coder", new QwenXml()),
              Map.entry("qwen3_xml", new QwenXml()),
              Map.entry("deepseek_v3", new DeepSeekCalls()),
              Map.entry("deepseek_v31", new DeepSeekCalls()),
              Map.entry(
                  "phi4_mini_json",
                  new MarkedJson(
                      List.of("functools", "<|tool_call|>"), List.of("<|/tool_call|>"), true)),
              Map.entry(
                  "granite",
                  new MarkedJson(
                      List.of("<|tool_call|>", "<tool_call>"), List.of("</tool_call>"), true)),
              Map.entry(
                  "jamba",
                  new MarkedJson(List.of("<tool_calls>"), List.of("</tool_calls>"), true))));

  private static final Map<String, ReasoningFormat> REASONING =
      new TreeMap<>(
          Map.of(
              "qwen3", new ReasoningFormat("<think>", "</think>", false, false),
              "deepseek_r1", new ReasoningFormat("<think>", "</think>", true, false),
              "mistral", new ReasoningFormat("[THINK]", "[/THINK]", false, true)));

  /** What of a chat template gives its format away; the first that is found decides. */
  private static final List<Map.Entry<String, String>> SIGNS =
      List.of(
          Map.entry("<function=", "qwen3_coder"),
          Map.entry("[TOOL_CALLS]", "mistral"),
          Map.entry("<tool_call>", "hermes"),
          Map.entry(DeepSeekCalls.ALL_BEGIN, "deepseek_v3"),
          Map.entry("functools", "phi4_mini_json"),
          Map.entry("<|tool|>", "phi4_mini_json"),
          Map.entry("<|tool_call|>", "granite"),
          Map.entry("<tool_calls>", "jamba"),
          Map.entry("<start_of_turn>", "pythonic"),
          Map.entry("<|python_start|>", "pythonic"),
          Map.entry("<|python_tag|>", "llama3_json"),
          Map.entry("ipython", "llama3_json"));

  private static final Pattern TAKES_TOOLS = Pattern.compile("\\btools\\b");

  private Formats() {}

  /**
   * The format of calls.
   *
   * @param name vLLM's name, auto or none
   * @param template the chat template's source
   * @throws IllegalArgumentException where the name is not known
   */
  public static Optional<ToolFormat> tools(String name, String template) {
    return switch (name) {
      case NONE -> Optional.empty();
      case AUTO -> Optional.of(spoken(template));
      default -> Optional.of(named(name, TOOLS));
    };
  }

  private static ToolFormat spoken(String template) {
    return SIGNS.stream()
        .filter(sign -> takesTools(template) && template.contains(sign.getKey()))
        .findFirst()
        .map(sign -> TOOLS.get(sign.getValue()))
        .orElse(HERMES);
  }

  /** Whether tools have to be offered in words, Hermes' way: the template takes none. */
  public static boolean areInWords(String name, String template) {
    return name.equals(AUTO) && !takesTools(template);
  }

  /** Whether a template writes the tools that it is given into the prompt. */
  public static boolean takesTools(String template) {
    return TAKES_TOOLS.matcher(template).find();
  }

  /** The format of reasoning, likewise. */
  public static Optional<ReasoningFormat> reasoning(String name, String template) {
    return switch (name) {
      case NONE -> Optional.empty();
      case AUTO -> {
        if (template.contains("[THINK]")) {
          yield Optional.of(REASONING.get("mistral"));
        }
        boolean thinks = template.contains("<think>") || template.contains("</think>");
        yield Optional.ofNullable(thinks ? REASONING.get("qwen3") : null);
      }
      default -> Optional.of(named(name, REASONING));
    };
  }

  private static <T> T named(String name, Map<String, T> all) {
    T format = all.get(name);
    if (format == null) {
      List<String> names = new ArrayList<>(List.of(AUTO, NONE));
      names.addAll(all.keySet());
      throw new IllegalArgumentException("must be one of " + names + ", got " + name);
    }
    return format;
  }
}
