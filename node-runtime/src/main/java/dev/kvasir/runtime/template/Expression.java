package dev.kvasir.runtime.template;

import java.util.List;
import java.util.Map;

/** What has a value. Each node knows its line, for messages. */
sealed interface Expression {

  int line();

  record Literal(Object value, int line) implements Expression {}

  record Name(String name, int line) implements Expression {}

  record ListLiteral(List<Expression> items, int line) implements Expression {}

  record TupleLiteral(List<Expression> items, int line) implements Expression {}

  record DictLiteral(List<Map.Entry<Expression, Expression>> entries, int line)
      implements Expression {}

  record Attribute(Expression target, String name, int line) implements Expression {}

  record Item(Expression target, Expression key, int line) implements Expression {}

  /** {@code target[start:stop:step]}; absent parts are null. */
  record Slice(Expression target, Expression start, Expression stop, Expression step, int line)
      implements Expression {}

  record Call(Expression target, Arguments arguments, int line) implements Expression {}

  /** {@code target | name(arguments)}; the target is null in a filter block. */
  record Filter(Expression target, String name, Arguments arguments, int line)
      implements Expression {}

  record Test(Expression target, String name, Arguments arguments, int line)
      implements Expression {}

  record Not(Expression operand, int line) implements Expression {}

  record Sign(boolean negative, Expression operand, int line) implements Expression {}

  record And(Expression left, Expression right, int line) implements Expression {}

  record Or(Expression left, Expression right, int line) implements Expression {}

  record Binary(String operator, Expression left, Expression right, int line)
      implements Expression {}

  /** A chain such as {@code 1 < x <= 3}: {@code operators.get(i)} stands before operand i. */
  record Compare(Expression first, List<String> operators, List<Expression> operands, int line)
      implements Expression {}

  /** {@code then if condition else otherwise}; {@code otherwise} may be null. */
  record Conditional(Expression condition, Expression then, Expression otherwise, int line)
      implements Expression {}

  /** What a call, a filter or a test is given; {@code *list} and {@code **map} may be null. */
  record Arguments(
      List<Expression> positional,
      Map<String, Expression> named,
      Expression unpackedList,
      Expression unpackedMap) {
    static final Arguments NONE = of(List.of());

    static Arguments of(List<Expression> positional) {
      return new Arguments(positional, Map.of(), null, null);
    }
  }
}
