package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Statement.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a template's statements. One rendering, one renderer. */
final class Renderer {
  /** How a statement ended, so that break and continue find their loop. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget = new Budget();
  private final Evaluator evaluator = new Evaluator(budget);

  String render(List<Statement> statements, Scope scope) {
    StringBuilder out = new StringBuilder();
    run(statements, scope, out);
    return out.toString();
  }

  private Flow run(List<Statement> statements, Scope scope, StringBuilder out) {
    for (Statement statement : statements) {
      Flow flow = run(statement, scope, out);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }

  private Flow run(Statement statement, Scope scope, StringBuilder out) {
    budget.step();
    switch (statement) {
      case Statement.Text text -> write(text.text(), out);
      case Statement.Output o -> write(Values.text(evaluate(o.expression(), scope)), out);
      case Statement.If branch -> {
        return run(
            Values.truth(evaluate(branch.condition(), scope)) ? branch.then() : branch.otherwise(),
            scope,
            out);
      }
      case Statement.For loop -> loop(loop, scope, out);
      case Statement.Break b -> {
        return Flow.BREAK;
      }
      case Statement.Continue c -> {
        return Flow.CONTINUE;
      }
      case Statement.SetNames set ->
          assign(set.names(), evaluate(set.value(), scope), scope, set.line());
      case Statement.SetAttribute set -> setAttribute(set, scope);
      case Statement.SetBlock set -> setBlock(set, scope);
      case Statement.Macro macro ->
          scope.set(macro.name(), function(macro.name(), macro.parameters(), macro.body(), scope));
      case Statement.CallBlock block -> {
        Callable caller = function("caller", block.parameters(), block.body(), scope);
        write(Values.text(evaluator.call(block.call(), scope, Map.of("caller", caller))), out);
      }
      case Statement.FilterBlock block ->
          write(
              Values.text(
                  evaluator.filterChain(block.filters(), captured(block.body(), scope), scope)),
              out);
      case Statement.With with -> {
        return with(with, scope, out);
      }
      case Statement.Block block -> {
        return run(block.body(), scope.inner(), out);
      }
    }
    return Flow.NEXT;
  }

  private Object evaluate(Expression expression, Scope scope) {
    return evaluator.evaluate(expression, scope);
  }

  private void write(String text, StringBuilder out) {
    budget.text(text.length());
    out.append(text);
  }

  private String captured(List<Statement> body, Scope scope) {
    StringBuilder text = new StringBuilder();
    run(body, scope.inner(), text);
    return text.toString();
  }

  private static void assign(List<String> names, Object value, Scope scope, int line) {
    if (names.size() == 1) {
      scope.set(names.getFirst(), value);
      return;
    }
    List<Object> parts = Values.items(value, line);
    if (parts.size() != names.size()) {
      throw TemplateException.at(
          line, names.size() + " variables can't take " + parts.size() + " values");
    }
    for (int i = 0; i < names.size(); i++) {
      scope.set(names.get(i), parts.get(i));
    }
  }

  private void setAttribute(Statement.SetAttribute set, Scope scope) {
    if (!(scope.get(set.namespace()) instanceof Namespace namespace)) {
      throw TemplateException.at(
          set.line(), "'" + set.namespace() + "' is no namespace: its attributes can't be set");
    }
    namespace.attributes().put(set.attribute(), evaluate(set.value(), scope));
  }

  private void setBlock(Statement.SetBlock set, Scope scope) {
    Object value = captured(set.body(), scope);
    scope.set(
        set.name(),
        set.filters() == null ? value : evaluator.filterChain(set.filters(), value, scope));
  }

  private Flow with(Statement.With with, Scope scope, StringBuilder out) {
    Scope inner = scope.inner();
    for (Statement.SetNames assignment : with.assignments()) {
      assign(assignment.names(), evaluate(assignment.value(), scope), inner, assignment.line());
    }
    return run(with.body(), inner, out);
  }

  private void loop(Statement.For loop, Scope scope, StringBuilder out) {
    List<Object> items = chosen(loop, scope);
    budget.steps(items.size());
    if (items.isEmpty()) {
      run(loop.otherwise(), scope.inner(), out);
      return;
    }
    LoopState state = new LoopState(items);
    for (int i = 0; i < items.size(); i++) {
      Scope inner = scope.inner();
      inner.set("loop", state.at(i));
      assign(loop.targets(), items.get(i), inner, loop.line());
      if (run(loop.body(), inner, out) == Flow.BREAK) {
        return;
      }
    }
  }

  private List<Object> chosen(Statement.For loop, Scope scope) {
    List<Object> items = Values.items(evaluate(loop.iterable(), scope), loop.line());
    if (loop.filter() == null) {
      return items;
    }
    List<Object> chosen = new ArrayList<>();
    for (Object item : items) {
      Scope inner = scope.inner();
      assign(loop.targets(), item, inner, loop.line());
      if (Values.truth(evaluate(loop.filter(), inner))) {
        chosen.add(item);
      }
    }
    return chosen;
  }

  /** A macro: it sees the variables around its definition, as they are when it is called. */
  private Callable function(
      String name, List<Parameter> parameters, Statement.Body body, Scope scope) {
    return given -> {
      Scope inner = scope.inner();
      inner.set("caller", given.get(Integer.MAX_VALUE, "caller", new Undefined("'caller'")));
      putRest(name, parameters, body, given, inner);
      for (int i = 0; i < parameters.size(); i++) {
        Parameter parameter = parameters.get(i);
        inner.set(parameter.name(), argument(parameter, i, given, inner));
      }
      StringBuilder out = new StringBuilder();
      run(body.statements(), inner, out);
      return out.toString();
    };
  }

  /** What no parameter takes: in varargs and kwargs where the macro uses them, else an error. */
  private static void putRest(
      String name,
      List<Parameter> parameters,
      Statement.Body body,
      Callable.Given given,
      Scope scope) {
    List<Object> positional = given.positional();
    Map<String, Object> named = new LinkedHashMap<>(given.named());
    named.remove("caller");
    parameters.forEach(parameter -> named.remove(parameter.name()));
    int taken = Math.min(parameters.size(), positional.size());
    if (taken < positional.size() && !body.usesVarargs()) {
      throw given.error(
          "'" + name + "' takes " + parameters.size() + " arguments, got " + given.count());
    }
    if (!named.isEmpty() && !body.usesKwargs()) {
      throw given.error("'" + name + "' takes no argument named " + named.keySet());
    }
    scope.set("varargs", new Tuple(positional.subList(taken, positional.size())));
    scope.set("kwargs", named);
  }

  private Object argument(Parameter parameter, int index, Callable.Given given, Scope scope) {
    if (given.has(index, parameter.name())) {
      return given.get(index, parameter.name(), null);
    }
    return parameter.standard() == null
        ? new Undefined("the parameter '" + parameter.name() + "'")
        : evaluate(parameter.standard(), scope);
  }
}
