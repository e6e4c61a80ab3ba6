package dev.kvasir.runtime.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateFilesTest {
  private static final List<Map<String, Object>> HI =
      List.of(Map.of("role", "user", "content", "hi"));

  @TempDir Path checkpoint;

  private void write(String file, String text) throws IOException {
    Path path = checkpoint.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static Conversation withTools(List<Object> tools) {
    return new Conversation(HI, tools, null, true, false, Map.of());
  }

  @Test
  void aFileWinsOverTheConfiguration() throws Exception {
    assertTrue(TemplateFiles.read(checkpoint).isEmpty());
    write("chat_template.json", "{\"chat_template\": \"old\"}");
    assertEquals("old", TemplateFiles.read(checkpoint).orElseThrow().render(withTools(null)));
    write(
        "tokenizer_config.json",
        "{\"chat_template\": \"config {{ bos_token }}\", \"bos_token\": {\"content\": \"<s>\"}}");
    assertEquals(
        "config <s>", TemplateFiles.read(checkpoint).orElseThrow().render(withTools(null)));
    write("chat_template.jinja", "file {{ bos_token }}{{ pad_token }}");
    assertEquals("file <s>", TemplateFiles.read(checkpoint).orElseThrow().render(withTools(null)));
    write("own.jinja", "own {{ bos_token }}");
    assertEquals(
        "own <s>",
        TemplateFiles.read(checkpoint, checkpoint.resolve("own.jinja")).render(withTools(null)));
  }

  @Test
  void toolsHaveATemplateOfTheirOwnWhereThereIsOne() throws Exception {
    write(
        "tokenizer_config.json",
        """
        {"chat_template": [{"name": "default", "template": "plain"},
          {"name": "tool_use", "template": "{{ tools|length }} tools"}]}\
        """);
    ChatTemplate listed = TemplateFiles.read(checkpoint).orElseThrow();
    assertEquals("plain", listed.render(withTools(null)));
    assertEquals("1 tools", listed.render(withTools(List.of(Map.of()))));
    assertTrue(listed.source().contains("tools|length"));
    write("chat_template.jinja", "other");
    write("additional_chat_templates/tool_use.jinja", "{{ tools|length }} more");
    ChatTemplate inFiles = TemplateFiles.read(checkpoint).orElseThrow();
    assertEquals("other", inFiles.render(withTools(null)));
    assertEquals("1 more", inFiles.render(withTools(List.of(Map.of()))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{% for m in messages %}<{{ m.content }}>{% endfor %} | ` a b ` | `<hi>< a b `",
        "{% for m in messages %}<{{ m.content.strip() }}>{% endfor %} | ` a b ` | `<hi><a b`",
        "{% for m in messages %}<{{ m.content }}></s>{% endfor %} | `` | `<hi></s><`",
      })
  void theFinalMessageIsContinuedAsInTransformers(String template, String text, String prompt) {
    List<Map<String, Object>> messages =
        List.of(HI.getFirst(), Map.of("role", "assistant", "content", text));
    Conversation conversation = new Conversation(messages, null, null, false, true, Map.of());
    assertEquals(prompt, ChatTemplate.of(template, Map.of()).render(conversation));
  }

  @Test
  void aFinalMessageThatTheTemplateLeavesOutCannotBeContinued() {
    Conversation conversation = new Conversation(HI, null, null, false, true, Map.of());
    TemplateException e =
        assertThrows(
            TemplateException.class,
            () -> ChatTemplate.of("nothing", Map.of()).render(conversation));
    assertTrue(e.getMessage().contains("can't be continued"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "{% for part in message['content'] %}, true",
    "{%- for item in content if item.type == 'text' -%}, true",
    "{%- for c in message.content | selectattr('type') %}, true",
    "{% for message in messages if message.content %}, false",
    "{{ message.content }}, false",
  })
  void whetherATemplateReadsPartsIsSeen(String loop, boolean reads) {
    String source = loop.startsWith("{{") ? loop : loop + "{% endfor %}";
    assertEquals(reads, ChatTemplate.of(source, Map.of()).takesParts());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{                                        | tokenizer_config.json is not valid JSON",
        "[]                                       | tokenizer_config.json must hold a JSON object",
        "{\"chat_template\": 3}                   | tokenizer_config.json: chat_template must be a string or a list",
        "{\"chat_template\": [{\"name\": \"x\"}]} | chat_template must be a list of objects",
        "{\"chat_template\": [{\"name\": \"x\", \"template\": \"y\"}]} | none named default",
      })
  void brokenFilesAreNamed(String config, String message) throws Exception {
    write("tokenizer_config.json", config);
    IOException e = assertThrows(IOException.class, () -> TemplateFiles.read(checkpoint));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().contains(checkpoint.toString()), e.getMessage());
  }

  /** Broken templates: an error of ours or a prompt, and soon. */
  @Test
  void garbledTemplatesAreRefusedOrRender() throws Exception {
    String original =
        Files.readString(Path.of("src/test/resources/templates/cases.json"))
            .substring(0, 20_000)
            .replace("\\n", "\n")
            .replace("\\\"", "\"");
    for (long seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int start = random.nextInt(original.length() - 2000);
      StringBuilder text =
          new StringBuilder(original.substring(start, start + random.nextInt(1, 2000)));
      for (int i = random.nextInt(0, 6); i > 0 && !text.isEmpty(); i--) {
        text.setCharAt(random.nextInt(text.length()), (char) random.nextInt(1, 0x250));
      }
      render(text.toString(), seed);
    }
  }

  private static void render(String template, long seed) {
    try {
      ChatTemplate.of(template, Map.of("bos_token", "<s>"))
          .render(withTools(List.of(Map.of("a", 1L))));
    } catch (TemplateException e) {
      assertTrue(e.getMessage().length() < 1000, e.getMessage());
    } catch (RuntimeException | StackOverflowError e) {
      throw new AssertionError(
          "seed "
              + seed
              + ": "
              + new String(template.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8),
          e);
    }
  }
}
