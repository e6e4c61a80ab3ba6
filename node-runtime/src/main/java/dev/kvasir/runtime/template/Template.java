package dev.kvasir.runtime.template;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A Jinja template of the subset that chat templates use, rendered as transformers renders it
 * (trim_blocks, lstrip_blocks, loop controls, an immutable sandbox). Thread-safe.
 */
public final class Template {
  private static final int MAX_SOURCE = 1 << 20;

  private final List<Statement> statements;
  private final Supplier<ZonedDateTime> now;

  private Template(List<Statement> statements, Supplier<ZonedDateTime> now) {
    this.statements = statements;
    this.now = now;
  }

  /**
   * Parses a template.
   *
   * @param now what {@code strftime_now} reads
   * @throws TemplateException where it isn't well formed, or uses what is not supported
   */
  public static Template compile(String source, Supplier<ZonedDateTime> now) {
    if (source.length() > MAX_SOURCE) {
      throw new TemplateException("a template may have at most " + MAX_SOURCE + " characters");
    }
    return bounded(() -> new Template(StatementParser.parse(source), now));
  }

  /**
   * Renders with variables that are null, booleans, Longs, Doubles, strings, and lists and maps of
   * them.
   */
  public String render(Map<String, ?> variables) {
    Scope scope = Scope.root(Globals.of(now));
    Scope given = scope.inner();
    variables.forEach(given::set);
    return bounded(() -> new Renderer().render(statements, given));
  }

  /** Nesting is bounded, but a chain such as a + a + a ... is a deep tree too. */
  private static <T> T bounded(Supplier<T> work) {
    try {
      return work.get();
    } catch (StackOverflowError e) {
      throw new TemplateException("an expression of the template is too long");
    }
  }
}
