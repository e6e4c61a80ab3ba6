package dev.kvasir.runtime.template;

import java.util.List;

/** What writes output or changes variables. */
sealed interface Statement {

  record Text(String text) implements Statement {}

  record Output(Expression expression) implements Statement {}

  /** {@code if}, {@code elif}s as nested ones in {@code otherwise}. */
  record If(Expression condition, List<Statement> then, List<Statement> otherwise)
      implements Statement {}

  /** {@code filter} and the items of {@code otherwise} may be absent (null, empty). */
  record For(
      List<String> targets,
      Expression iterable,
      Expression filter,
      List<Statement> body,
      List<Statement> otherwise,
      int line)
      implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}

  record SetNames(List<String> names, Expression value, int line) implements Statement {}

  /** {@code set namespace.attribute = value}. */
  record SetAttribute(String namespace, String attribute, Expression value, int line)
      implements Statement {}

  /** {@code set name | filter}body{@code endset}; {@code filters} is null without one. */
  record SetBlock(String name, Expression filters, List<Statement> body) implements Statement {}

  record Macro(String name, List<Parameter> parameters, Body body, int line) implements Statement {}

  record CallBlock(Expression.Call call, List<Parameter> parameters, Body body, int line)
      implements Statement {}

  record FilterBlock(Expression filters, List<Statement> body) implements Statement {}

  record With(List<SetNames> assignments, List<Statement> body) implements Statement {}

  /** A body of its own without a meaning of its own, as {@code generation} is. */
  record Block(List<Statement> body) implements Statement {}

  /** A macro's body, and whether it reads the arguments that no parameter takes. */
  record Body(List<Statement> statements, boolean usesVarargs, boolean usesKwargs) {}

  /** A macro's parameter; {@code standard} is null where it has no default. */
  record Parameter(String name, Expression standard) {}
}
