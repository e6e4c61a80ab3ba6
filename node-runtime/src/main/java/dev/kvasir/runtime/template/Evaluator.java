package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Expression.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives an expression its value in a scope. */
final class Evaluator {
  private final Budget budget;

  Evaluator(Budget budget) {
    this.budget = budget;
  }

  Object evaluate(Expression expression, Scope scope) {
    budget.step();
    int line = expression.line();
    return switch (expression) {
      case Expression.Literal literal -> literal.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.ListLiteral list -> all(list.items(), scope);
      case Expression.TupleLiteral tuple -> new Tuple(all(tuple.items(), scope));
      case Expression.DictLiteral dict -> dict(dict, scope);
      case Expression.Attribute a -> attribute(evaluate(a.target(), scope), a.name(), line);
      case Expression.Item item -> item(item, scope);
      case Expression.Slice slice -> slice(slice, scope);
      case Expression.Call call -> call(call, scope, Map.of());
      case Expression.Filter filter -> filter(filter, scope);
      case Expression.Test test ->
          Tests.apply(
              test.name(),
              evaluate(test.target(), scope),
              given(test.arguments(), scope, Map.of(), line));
      case Expression.Not not -> !Values.truth(evaluate(not.operand(), scope));
      case Expression.Sign sign -> signed(sign, evaluate(sign.operand(), scope));
      case Expression.And and -> {
        Object left = evaluate(and.left(), scope);
        yield Values.truth(left) ? evaluate(and.right(), scope) : left;
      }
      case Expression.Or or -> {
        Object left = evaluate(or.left(), scope);
        yield Values.truth(left) ? left : evaluate(or.right(), scope);
      }
      case Expression.Binary binary -> binary(binary, scope);
      case Expression.Compare compare -> compare(compare, scope);
      case Expression.Conditional conditional -> conditional(conditional, scope);
    };
  }

  private Object signed(Expression.Sign sign, Object value) {
    return sign.negative() && value instanceof Double number
        ? (Object) (-number)
        : Arithmetic.apply(sign.negative() ? "-" : "+", 0L, value, budget, sign.line());
  }

  private List<Object> all(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>();
    expressions.forEach(each -> values.add(evaluate(each, scope)));
    return values;
  }

  private Map<Object, Object> dict(Expression.DictLiteral dict, Scope scope) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Map.Entry<Expression, Expression> entry : dict.entries()) {
      map.put(evaluate(entry.getKey(), scope), evaluate(entry.getValue(), scope));
    }
    return map;
  }

  /** A method first, then an item: jinja2's order for {@code a.b}. */
  private static Object attribute(Object target, String name, int line) {
    if (target instanceof Undefined undefined) {
      throw undefined.used(line);
    }
    Callable method = Methods.find(target, name);
    if (method != null) {
      return method;
    }
    Object value = Indexing.item(target, name, line);
    return value instanceof Undefined ? new Undefined("the attribute '" + name + "'") : value;
  }

  private Object item(Expression.Item item, Scope scope) {
    Object target = evaluate(item.target(), scope);
    Object key = evaluate(item.key(), scope);
    Object value = Indexing.item(target, key, item.line());
    if (value instanceof Undefined && key instanceof String name) {
      Callable method = Methods.find(target, name);
      return method == null ? value : method;
    }
    return value;
  }

  private Object slice(Expression.Slice slice, Scope scope) {
    return Indexing.slice(
        evaluate(slice.target(), scope),
        bound(slice.start(), scope),
        bound(slice.stop(), scope),
        bound(slice.step(), scope),
        slice.line());
  }

  private Long bound(Expression expression, Scope scope) {
    Object value = expression == null ? null : evaluate(expression, scope);
    if (value == null || value instanceof Long) {
      return (Long) value;
    }
    throw TemplateException.at(
        expression.line(), "a slice's bounds must be whole numbers, got " + Values.typeName(value));
  }

  /** {@code extra} is what a call block adds: its caller. */
  Object call(Expression.Call call, Scope scope, Map<String, Object> extra) {
    Object target = evaluate(call.target(), scope);
    if (target instanceof Callable callable) {
      budget.enter(call.line());
      Object value = callable.call(given(call.arguments(), scope, extra, call.line()));
      budget.leave();
      return counted(value);
    }
    if (target instanceof Undefined undefined) {
      throw undefined.used(call.line());
    }
    throw TemplateException.at(call.line(), Values.typeName(target) + " can't be called");
  }

  private Callable.Given given(
      Arguments arguments, Scope scope, Map<String, Object> extra, int line) {
    Map<String, Object> named = new LinkedHashMap<>();
    arguments.named().forEach((name, value) -> named.put(name, evaluate(value, scope)));
    named.putAll(extra);
    List<Object> positional = all(arguments.positional(), scope);
    if (arguments.unpackedList() != null) {
      positional.addAll(Values.items(evaluate(arguments.unpackedList(), scope), line));
    }
    if (arguments.unpackedMap() != null) {
      named.putAll(unpackedMap(evaluate(arguments.unpackedMap(), scope), line));
    }
    return new Callable.Given(positional, named, line);
  }

  private static Map<String, Object> unpackedMap(Object value, int line) {
    if (!(value instanceof Map<?, ?> map)) {
      throw TemplateException.at(line, "'**' needs a mapping, got " + Values.typeName(value));
    }
    Map<String, Object> named = new LinkedHashMap<>();
    map.forEach((key, each) -> named.put(Values.text(key), each));
    return named;
  }

  private Object filter(Expression.Filter filter, Scope scope) {
    return filtered(filter, evaluate(filter.target(), scope), scope);
  }

  private Object filtered(Expression.Filter filter, Object value, Scope scope) {
    Callable.Given given = given(filter.arguments(), scope, Map.of(), filter.line());
    Object result = Filters.apply(filter.name(), value, given);
    return counted(result);
  }

  private Object counted(Object result) {
    switch (result) {
      case String text -> budget.text(text.length());
      case List<?> list -> budget.steps(list.size());
      case Generator generator -> budget.steps(generator.size());
      case null, default -> {}
    }
    return result;
  }

  /** Runs a chain whose innermost filter has no target over a block's text. */
  Object filterChain(Expression chain, Object value, Scope scope) {
    if (!(chain instanceof Expression.Filter filter)) {
      throw TemplateException.at(chain.line(), "expected filters only");
    }
    Object target = filter.target() == null ? value : filterChain(filter.target(), value, scope);
    return filtered(filter, target, scope);
  }

  private Object binary(Expression.Binary binary, Scope scope) {
    Object left = evaluate(binary.left(), scope);
    Object right = evaluate(binary.right(), scope);
    if (binary.operator().equals("~")) {
      String text = Values.text(left) + Values.text(right);
      budget.text(text.length());
      return text;
    }
    return Arithmetic.apply(binary.operator(), left, right, budget, binary.line());
  }

  private boolean compare(Expression.Compare compare, Scope scope) {
    Object left = evaluate(compare.first(), scope);
    for (int i = 0; i < compare.operators().size(); i++) {
      Object right = evaluate(compare.operands().get(i), scope);
      if (!compare(compare.operators().get(i), left, right, compare.line())) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private static boolean compare(String operator, Object left, Object right, int line) {
    return switch (operator) {
      case "==" -> Values.equal(left, right);
      case "!=" -> !Values.equal(left, right);
      case "in" -> Values.contains(right, left, line);
      case "not in" -> !Values.contains(right, left, line);
      case "<" -> ordered(left, right, line) < 0;
      case "<=" -> ordered(left, right, line) <= 0;
      case ">" -> ordered(left, right, line) > 0;
      default -> ordered(left, right, line) >= 0;
    };
  }

  private static int ordered(Object left, Object right, int line) {
    if (left instanceof Undefined undefined) {
      throw undefined.used(line);
    }
    if (right instanceof Undefined undefined) {
      throw undefined.used(line);
    }
    return Values.compare(left, right, line);
  }

  private Object conditional(Expression.Conditional conditional, Scope scope) {
    if (Values.truth(evaluate(conditional.condition(), scope))) {
      return evaluate(conditional.then(), scope);
    }
    return conditional.otherwise() == null
        ? new Undefined("the value of an 'if' without 'else'")
        : evaluate(conditional.otherwise(), scope);
  }
}
