package dev.kvasir.e2e.apiserver.cel;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compiles expressions once. Variables are dynamic: upstream also checks a rule's types against the
 * schema, here a wrong type shows when the rule runs.
 */
final class CelEnvironment {
  /** Far more than the CRDs of a local cluster hold. */
  private static final int MAX_PROGRAMS = 10_000;

  private static final int MAX_ITERATIONS = 1_000_000;

  private final Cel cel = build();
  private final Map<String, CelRuntime.Program> programs = new ConcurrentHashMap<>();

  private static Cel build() {
    CelOptions options =
        CelOptions.current()
            .enableHeterogeneousNumericComparisons(true)
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .build();
    CelBuilder builder =
        CelFactory.plannerCelBuilder()
            .setOptions(options)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addCompilerLibraries(CelExtensions.strings(), CelExtensions.sets(options))
            .addRuntimeLibraries(CelExtensions.strings(), CelExtensions.sets(options))
            .addVar("self", SimpleType.DYN)
            .addVar("oldSelf", SimpleType.DYN);
    QuantityLibrary.addTo(builder);
    return builder.build();
  }

  /** Says why an expression can't be compiled, as CEL words it. */
  void compile(String expression) throws CelValidationException {
    if (programs.containsKey(expression)) {
      return;
    }
    if (programs.size() >= MAX_PROGRAMS) {
      throw new IllegalStateException("at most " + MAX_PROGRAMS + " rules are compiled");
    }
    try {
      programs.put(expression, cel.createProgram(cel.compile(expression).getAst()));
    } catch (CelEvaluationException e) {
      throw new IllegalStateException("a checked expression makes a program: " + expression, e);
    }
  }

  Object evaluate(String expression, Map<String, Object> variables)
      throws CelValidationException, CelEvaluationException {
    compile(expression);
    return programs.get(expression).eval(variables);
  }
}
