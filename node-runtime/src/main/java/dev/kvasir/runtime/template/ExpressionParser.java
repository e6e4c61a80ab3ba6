package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Expression.Arguments;
import dev.kvasir.runtime.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Recursive descent over jinja2's expression grammar, loosest binding first. */
final class ExpressionParser {
  private static final int MAX_DEPTH = 100;
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> NOT_A_TEST_ARGUMENT =
      Set.of("else", "or", "and", "is", "if", "in", "not", "recursive");

  private final TokenStream tokens;
  private int depth;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  /** An expression, or a tuple of them without parentheses. */
  Expression tuple() {
    return tuple(this::expression);
  }

  /** What stands behind {@code in} of a for: an {@code if} there is the loop's filter. */
  Expression withoutConditional() {
    return tuple(this::or);
  }

  private Expression tuple(Supplier<Expression> item) {
    int line = tokens.line();
    Expression first = item.get();
    if (!tokens.peek().isOperator(",")) {
      return first;
    }
    List<Expression> items = new ArrayList<>(List.of(first));
    while (tokens.takeOperator(",") && !endsTuple()) {
      items.add(item.get());
    }
    return new Expression.TupleLiteral(items, line);
  }

  private boolean endsTuple() {
    Token token = tokens.peek();
    return token.kind() == Kind.BLOCK_END
        || token.kind() == Kind.VARIABLE_END
        || token.isOperator(")");
  }

  Expression expression() {
    if (++depth > MAX_DEPTH) {
      throw TemplateException.at(
          tokens.line(), "expressions are nested more than " + MAX_DEPTH + " deep");
    }
    Expression value = conditional();
    depth--;
    return value;
  }

  private Expression conditional() {
    Expression value = or();
    while (tokens.peek().isName("if")) {
      int line = tokens.take().line();
      Expression condition = or();
      Expression otherwise = tokens.takeName("else") ? expression() : null;
      value = new Expression.Conditional(condition, value, otherwise, line);
    }
    return value;
  }

  private Expression or() {
    Expression left = and();
    while (tokens.peek().isName("or")) {
      int line = tokens.take().line();
      left = new Expression.Or(left, and(), line);
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.peek().isName("and")) {
      int line = tokens.take().line();
      left = new Expression.And(left, not(), line);
    }
    return left;
  }

  private Expression not() {
    int nots = 0;
    int line = tokens.line();
    while (tokens.takeName("not")) {
      nots++;
    }
    Expression value = compare();
    for (int i = 0; i < Math.min(nots, 2 - nots % 2); i++) {
      value = new Expression.Not(value, line);
    }
    return value;
  }

  private Expression compare() {
    int line = tokens.line();
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
    for (String operator = comparison(); operator != null; operator = comparison()) {
      operators.add(operator);
      operands.add(sum());
    }
    return operators.isEmpty() ? first : new Expression.Compare(first, operators, operands, line);
  }

  private String comparison() {
    Token token = tokens.peek();
    if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
      return tokens.take().text();
    }
    if (tokens.takeName("in")) {
      return "in";
    }
    if (token.isName("not") && tokens.peekSecond().isName("in")) {
      tokens.take();
      tokens.take();
      return "not in";
    }
    return null;
  }

  private Expression sum() {
    return binary(this::concatenation, "+", "-");
  }

  private Expression concatenation() {
    return binary(this::product, "~");
  }

  private Expression product() {
    return binary(this::power, "*", "/", "//", "%");
  }

  private Expression power() {
    return binary(() -> unary(true), "**");
  }

  private Expression binary(Supplier<Expression> operand, String... operators) {
    Expression left = operand.get();
    while (Stream.of(operators).anyMatch(tokens.peek()::isOperator)) {
      Token operator = tokens.take();
      left = new Expression.Binary(operator.text(), left, operand.get(), operator.line());
    }
    return left;
  }

  private Expression unary(boolean withFilters) {
    int line = tokens.line();
    if (++depth > MAX_DEPTH) {
      throw TemplateException.at(line, "expressions are nested more than " + MAX_DEPTH + " deep");
    }
    Expression value;
    if (tokens.takeOperator("-")) {
      value = new Expression.Sign(true, unary(false), line);
    } else if (tokens.takeOperator("+")) {
      value = new Expression.Sign(false, unary(false), line);
    } else {
      value = primary();
    }
    value = postfix(value);
    depth--;
    return withFilters ? filters(value) : value;
  }

  private Expression primary() {
    Token token = tokens.take();
    int line = token.line();
    return switch (token.kind()) {
      case NAME -> name(token);
      case STRING -> string(token);
      case INTEGER -> new Expression.Literal(integer(token), line);
      case FLOAT -> new Expression.Literal(Double.parseDouble(token.text()), line);
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> parenthesized(line);
            case "[" -> new Expression.ListLiteral(items("]"), line);
            case "{" -> dict(line);
            default -> throw unexpected(token);
          };
      default -> throw unexpected(token);
    };
  }

  private static TemplateException unexpected(Token token) {
    return TemplateException.at(token.line(), "expected a value, got " + token);
  }

  private static Expression name(Token token) {
    int line = token.line();
    return switch (token.text()) {
      case "true", "True" -> new Expression.Literal(true, line);
      case "false", "False" -> new Expression.Literal(false, line);
      case "none", "None" -> new Expression.Literal(null, line);
      default -> new Expression.Name(token.text(), line);
    };
  }

  private Expression string(Token first) {
    StringBuilder value = new StringBuilder(first.text());
    while (tokens.peek().kind() == Kind.STRING) {
      value.append(tokens.take().text());
    }
    return new Expression.Literal(value.toString(), first.line());
  }

  private static Long integer(Token token) {
    try {
      return Long.valueOf(token.text());
    } catch (NumberFormatException e) {
      throw TemplateException.at(token.line(), "the number " + token.text() + " is too large");
    }
  }

  private Expression parenthesized(int line) {
    if (tokens.takeOperator(")")) {
      return new Expression.TupleLiteral(List.of(), line);
    }
    Expression value = tuple();
    tokens.expectOperator(")");
    return value;
  }

  private List<Expression> items(String closing) {
    List<Expression> items = new ArrayList<>();
    while (!tokens.takeOperator(closing)) {
      if (!items.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.takeOperator(closing)) {
          break;
        }
      }
      items.add(expression());
    }
    return items;
  }

  private Expression dict(int line) {
    List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
    while (!tokens.takeOperator("}")) {
      if (!entries.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.takeOperator("}")) {
          break;
        }
      }
      Expression key = expression();
      tokens.expectOperator(":");
      entries.add(Map.entry(key, expression()));
    }
    return new Expression.DictLiteral(entries, line);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      int line = tokens.line();
      if (tokens.takeOperator(".")) {
        value = attribute(value, line);
      } else if (tokens.takeOperator("[")) {
        value = subscript(value, line);
      } else if (tokens.takeOperator("(")) {
        value = new Expression.Call(value, arguments(), line);
      } else {
        return value;
      }
    }
  }

  private Expression attribute(Expression target, int line) {
    Token token = tokens.take();
    return switch (token.kind()) {
      case NAME -> new Expression.Attribute(target, token.text(), line);
      case INTEGER ->
          new Expression.Item(target, new Expression.Literal(integer(token), line), line);
      default -> throw TemplateException.at(line, "expected a name after '.', got " + token);
    };
  }

  private Expression subscript(Expression target, int line) {
    Expression start = tokens.peek().isOperator(":") ? null : tuple();
    if (tokens.takeOperator("]")) {
      return new Expression.Item(target, start, line);
    }
    tokens.expectOperator(":");
    Expression stop = slicePart();
    Expression step = tokens.takeOperator(":") ? slicePart() : null;
    tokens.expectOperator("]");
    return new Expression.Slice(target, start, stop, step, line);
  }

  private Expression slicePart() {
    boolean absent = tokens.peek().isOperator(":") || tokens.peek().isOperator("]");
    return absent ? null : expression();
  }

  private Arguments arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    Expression list = null;
    Expression map = null;
    for (boolean first = true; !tokens.takeOperator(")"); first = false) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.takeOperator(")")) {
          break;
        }
      }
      if (map == null && tokens.takeOperator("**")) {
        map = expression();
      } else if (map == null && list == null && tokens.takeOperator("*")) {
        list = expression();
      } else {
        argument(positional, named, list != null || map != null);
      }
    }
    return new Arguments(positional, named, list, map);
  }

  private void argument(
      List<Expression> positional, Map<String, Expression> named, boolean unpacked) {
    Token token = tokens.peek();
    if (token.kind() == Kind.NAME && tokens.peekSecond().isOperator("=")) {
      tokens.take();
      tokens.take();
      named.put(token.text(), expression());
    } else if (unpacked || !named.isEmpty()) {
      throw TemplateException.at(token.line(), "a positional argument follows a named one");
    } else {
      positional.add(expression());
    }
  }

  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      int line = tokens.line();
      if (tokens.takeOperator("|")) {
        value = filter(value, line);
      } else if (tokens.takeName("is")) {
        value = test(value, line);
      } else if (tokens.takeOperator("(")) {
        value = new Expression.Call(value, arguments(), line);
      } else {
        return value;
      }
    }
  }

  /** The filters behind {@code filter} or a block {@code set}: they start without a target. */
  Expression filterChain() {
    int line = tokens.line();
    return filters(filter(null, line));
  }

  private Expression filter(Expression target, int line) {
    String name = tokens.expect(Kind.NAME, "the name of a filter").text();
    Arguments arguments = tokens.takeOperator("(") ? arguments() : Arguments.NONE;
    return new Expression.Filter(target, name, arguments, line);
  }

  private Expression test(Expression target, int line) {
    boolean negated = tokens.takeName("not");
    String name = tokens.expect(Kind.NAME, "the name of a test").text();
    Expression test = new Expression.Test(target, name, testArguments(), line);
    return negated ? new Expression.Not(test, line) : test;
  }

  private Arguments testArguments() {
    if (tokens.takeOperator("(")) {
      return arguments();
    }
    Token token = tokens.peek();
    boolean argument =
        switch (token.kind()) {
          case STRING, INTEGER, FLOAT -> true;
          case NAME -> !NOT_A_TEST_ARGUMENT.contains(token.text());
          case OPERATOR -> token.text().equals("[") || token.text().equals("{");
          default -> false;
        };
    return argument ? Arguments.of(List.of(postfix(primary()))) : Arguments.NONE;
  }
}
