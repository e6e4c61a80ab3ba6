package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Statement.Parameter;
import dev.kvasir.runtime.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a template's tags; a tag that is not supported is an error with its name and line. */
final class StatementParser {
  private static final int MAX_DEPTH = 100;

  private final TokenStream tokens;
  private final ExpressionParser expressions;
  private int depth;
  private int loops;

  private StatementParser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(String template) {
    StatementParser parser = new StatementParser(new TokenStream(Lexer.tokens(template)));
    List<Statement> statements = parser.body(Set.of());
    Token rest = parser.tokens.peek();
    if (rest.kind() != Kind.END) {
      Token tag = parser.tokens.peekSecond();
      throw TemplateException.at(tag.line(), "unexpected " + tag);
    }
    return statements;
  }

  /** Statements up to a tag named in {@code ends}, whose name is then next. */
  private List<Statement> body(Set<String> ends) {
    if (++depth > MAX_DEPTH) {
      throw TemplateException.at(tokens.line(), "blocks are nested more than 100 deep");
    }
    List<Statement> statements = new ArrayList<>();
    while (tokens.peek().kind() != Kind.END && !atEnd(ends)) {
      statements.add(statement());
    }
    depth--;
    return List.copyOf(statements);
  }

  private boolean atEnd(Set<String> ends) {
    return tokens.peek().kind() == Kind.BLOCK_BEGIN
        && tokens.peekSecond().kind() == Kind.NAME
        && (ends.contains(tokens.peekSecond().text()) || isClosing(tokens.peekSecond().text()));
  }

  /** A closing tag that nothing opened ends the body too, and is refused where it ends. */
  private static boolean isClosing(String name) {
    return name.startsWith("end") || name.equals("else") || name.equals("elif");
  }

  private List<Statement> bodyTo(String end, int line) {
    List<Statement> statements = body(Set.of(end));
    closeTag(end, line);
    return statements;
  }

  private void closeTag(String end, int line) {
    if (tokens.peek().kind() == Kind.END) {
      throw TemplateException.at(
          line, "the block that starts here is never closed by '" + end + "'");
    }
    tokens.expect(Kind.BLOCK_BEGIN, "'{% " + end + " %}'");
    tokens.expectName(end);
    endTag();
  }

  private void endTag() {
    tokens.expect(Kind.BLOCK_END, "'%}'");
  }

  private Statement statement() {
    Token token = tokens.take();
    return switch (token.kind()) {
      case DATA -> new Statement.Text(token.text());
      case VARIABLE_BEGIN -> {
        Expression value = expressions.tuple();
        tokens.expect(Kind.VARIABLE_END, "'}}'");
        yield new Statement.Output(value);
      }
      default -> tag();
    };
  }

  private Statement tag() {
    Token name = tokens.expect(Kind.NAME, "the name of a tag");
    int line = name.line();
    return switch (name.text()) {
      case "if" -> ifTag(line);
      case "for" -> forTag(line);
      case "set" -> setTag(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> filterBlock(line);
      case "with" -> with(line);
      case "generation" -> {
        endTag();
        yield new Statement.Block(bodyTo("endgeneration", line));
      }
      case "break" -> loopControl(new Statement.Break(), name);
      case "continue" -> loopControl(new Statement.Continue(), name);
      default -> throw TemplateException.at(line, "the tag '" + name.text() + "' is not supported");
    };
  }

  private Statement loopControl(Statement statement, Token name) {
    if (loops == 0) {
      throw TemplateException.at(name.line(), name + " stands outside of a loop");
    }
    endTag();
    return statement;
  }

  private Statement ifTag(int line) {
    Expression condition = expressions.tuple();
    endTag();
    List<Statement> then = body(Set.of("elif", "else", "endif"));
    if (tokens.peekSecond().isName("elif")) {
      tokens.take();
      tokens.take();
      return new Statement.If(condition, then, List.of(ifTag(line)));
    }
    List<Statement> otherwise = List.of();
    if (tokens.peekSecond().isName("else")) {
      elseTag();
      otherwise = body(Set.of("endif"));
    }
    closeTag("endif", line);
    return new Statement.If(condition, then, otherwise);
  }

  private void elseTag() {
    tokens.take();
    tokens.take();
    endTag();
  }

  private Statement forTag(int line) {
    List<String> targets = targets();
    tokens.expectName("in");
    Expression iterable = expressions.withoutConditional();
    Expression filter = tokens.takeName("if") ? expressions.expression() : null;
    if (tokens.peek().isName("recursive")) {
      throw TemplateException.at(line, "'recursive' loops are not supported");
    }
    endTag();
    loops++;
    List<Statement> body = body(Set.of("else", "endfor"));
    loops--;
    List<Statement> otherwise = List.of();
    if (tokens.peekSecond().isName("else")) {
      elseTag();
      otherwise = body(Set.of("endfor"));
    }
    closeTag("endfor", line);
    return new Statement.For(targets, iterable, filter, body, otherwise, line);
  }

  private List<String> targets() {
    boolean parenthesized = tokens.takeOperator("(");
    List<String> names = new ArrayList<>();
    do {
      names.add(tokens.expect(Kind.NAME, "a variable's name").text());
    } while (tokens.takeOperator(","));
    if (parenthesized) {
      tokens.expectOperator(")");
    }
    return List.copyOf(names);
  }

  private Statement setTag(int line) {
    if (tokens.peekSecond().isOperator(".")) {
      String namespace = tokens.expect(Kind.NAME, "a namespace").text();
      tokens.take();
      String attribute = tokens.expect(Kind.NAME, "an attribute's name").text();
      tokens.expectOperator("=");
      Expression value = expressions.tuple();
      endTag();
      return new Statement.SetAttribute(namespace, attribute, value, line);
    }
    List<String> names = targets();
    if (tokens.takeOperator("=")) {
      Expression value = expressions.tuple();
      endTag();
      return new Statement.SetNames(names, value, line);
    }
    Expression filters = tokens.takeOperator("|") ? expressions.filterChain() : null;
    endTag();
    return new Statement.SetBlock(names.getFirst(), filters, bodyTo("endset", line));
  }

  private Statement macro(int line) {
    String name = tokens.expect(Kind.NAME, "the macro's name").text();
    List<Parameter> parameters = parameters();
    endTag();
    return new Statement.Macro(name, parameters, functionBody("endmacro", line), line);
  }

  /** A loop's break and continue don't reach into a macro that is defined in it. */
  private Statement.Body functionBody(String end, int line) {
    int outer = loops;
    loops = 0;
    int start = tokens.position();
    List<Statement> body = bodyTo(end, line);
    loops = outer;
    return new Statement.Body(body, tokens.named(start, "varargs"), tokens.named(start, "kwargs"));
  }

  private List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.expectOperator(",");
      }
      String name = tokens.expect(Kind.NAME, "a parameter's name").text();
      Expression standard = tokens.takeOperator("=") ? expressions.expression() : null;
      parameters.add(new Parameter(name, standard));
    }
    return List.copyOf(parameters);
  }

  private Statement callBlock(int line) {
    List<Parameter> parameters = tokens.peek().isOperator("(") ? parameters() : List.of();
    if (!(expressions.expression() instanceof Expression.Call call)) {
      throw TemplateException.at(line, "'call' must be followed by a call");
    }
    endTag();
    return new Statement.CallBlock(call, parameters, functionBody("endcall", line), line);
  }

  private Statement filterBlock(int line) {
    Expression filters = expressions.filterChain();
    endTag();
    return new Statement.FilterBlock(filters, bodyTo("endfilter", line));
  }

  private Statement with(int line) {
    List<Statement.SetNames> assignments = new ArrayList<>();
    while (tokens.peek().kind() != Kind.BLOCK_END) {
      if (!assignments.isEmpty()) {
        tokens.expectOperator(",");
      }
      List<String> name = List.of(tokens.expect(Kind.NAME, "a variable's name").text());
      tokens.expectOperator("=");
      assignments.add(new Statement.SetNames(name, expressions.expression(), line));
    }
    endTag();
    return new Statement.With(assignments, bodyTo("endwith", line));
  }
}
