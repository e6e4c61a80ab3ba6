package dev.kvasir.runtime.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the interpreter against jinja2 with transformers' settings: src/test/python/
 * render-templates.py wrote what is expected.
 */
class TemplateGoldenTest {
  private static final Path FOLDER = Path.of("src/test/resources/templates");
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.USE_LONG_FOR_INTS).build();

  @TestFactory
  Stream<DynamicTest> rendersAsJinja2() throws Exception {
    JsonNode cases = MAPPER.readTree(FOLDER.resolve("cases.json").toFile());
    JsonNode expected = MAPPER.readTree(FOLDER.resolve("expected.json").toFile());
    return cases.properties().stream()
        .map(each ->
            dynamicTest(
                each.getKey() + " " + each.getValue().get("template").asText(),
                () -> check(each.getValue(), expected.get(each.getKey()))));
  }

  @SuppressWarnings("unchecked")
  private static void check(JsonNode testCase, JsonNode expected) throws Exception {
    String template = testCase.get("template").asText();
    Map<String, Object> variables = MAPPER.treeToValue(testCase.path("variables"), Map.class);
    if (expected.isNull()) {
      assertThrows(TemplateException.class, () -> render(template, variables));
    } else {
      assertEquals(expected.asText(), render(template, variables));
    }
  }

  private static String render(String template, Map<String, Object> variables) {
    return Template.compile(template, () -> ZonedDateTime.now(ZoneOffset.UTC)).render(variables);
  }
}
