package dev.kvasir.runtime.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemplateErrorsTest {
  private static final ZonedDateTime NOW = ZonedDateTime.of(2024, 7, 5, 9, 3, 7, 0, ZoneOffset.UTC);

  private static String render(String template) {
    return Template.compile(template.replace("\\n", "\n"), () -> NOW).render(Map.of("s", "text"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a\\n{% include 'x' %}              | line 2: the tag 'include' is not supported",
        "{% filter frobnicate %}{% endfilter %} | line 1: the filter 'frobnicate' is not supported",
        "\\n\\n{{ s is odd_looking }}       | line 3: the test 'odd_looking' is not supported",
        "{% for x in s recursive %}{% endfor %} | 'recursive' loops are not supported",
        "{{ range(**s) }}                   | '**' needs a mapping, got a string",
        "{% filter trim(1) %}x{% endfilter %} | 'chars' must be a string",
        "{{ (1, 2) < 3 }}                  | can't order a tuple and an integer",
        "{{ (1, 2) + [3] }}                 | '+' does not take a tuple and a list",
        "{% if s %}\\n                      | line 1: the block that starts here is never closed by 'endif'",
        "{{ s.nothing.more }}               | the attribute 'nothing' is undefined",
        "{{ none_such.x }}                  | 'none_such' is undefined",
        "{{ s + 1 }}                        | '+' does not take a string and an integer",
        "{% set s.x = 1 %}                  | 's' is no namespace",
        "{{ [].append(1) }}                 | would change its value",
        "{{ 9223372036854775807 + 1 }}      | does not fit 64 bits",
        "{{ strftime_now('%Q') }}           | strftime's '%Q' is not supported",
        "{{ raise_exception('my words') }}  | my words",
      })
  void theLineAndTheConstructAreNamed(String template, String message) {
    TemplateException e = assertThrows(TemplateException.class, () -> render(template));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %} | steps",
        "{{ 'x' * 1000000000 }}                                 | characters",
        "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %} | characters",
        "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %} | characters",
        "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %} | characters",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}        | 64 deep",
        "{{ range(1000000) }}                                   | at most 100000 numbers",
      })
  void aTemplateCannotTakeMoreThanItsBudget(String template, String message) {
    TemplateException e = assertThrows(TemplateException.class, () -> render(template));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void nestingIsBounded() {
    assertThrows(TemplateException.class, () -> render("{{ " + "(".repeat(5000) + "1"));
    assertThrows(TemplateException.class, () -> render("{{ " + "-".repeat(5000) + "1 }}"));
    assertThrows(TemplateException.class, () -> render("{% if s %}".repeat(5000)));
    assertThrows(TemplateException.class, () -> render("{{ " + "s if ".repeat(5000) + "s }}"));
    assertThrows(TemplateException.class, () -> render("{{ " + "1 + ".repeat(50_000) + "1 }}"));
  }

  @Test
  void theTimeIsFormattedAsStrftimeDoes() {
    assertEquals(
        "05 Jul 2024 July 09:03:07 Fri %",
        render("{{ strftime_now('%d %b %Y %B %H:%M:%S %a %%') }}"));
    assertEquals("5/7", render("{{ strftime_now('%-d/%-m') }}"));
  }
}
