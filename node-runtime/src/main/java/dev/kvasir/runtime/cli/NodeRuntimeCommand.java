package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.device.DeviceException;
import dev.kvasir.runtime.engine.StartupException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: serve, generate, inspect, quantize, bench. */
@Command(
    name = "node-runtime",
    description = "Kvasir's runtime for large language models.",
    mixinStandardHelpOptions = true,
    versionProvider = Build.class,
    subcommands = {
      ServeCommand.class,
      GenerateCommand.class,
      InspectCommand.class,
      QuantizeCommand.class,
      BenchCommand.class
    })
public final class NodeRuntimeCommand implements Runnable {
  private static final int USAGE_ERROR = 2;

  @Spec private CommandSpec spec;

  /**
   * Runs the command; the exit code is 0, 1 (it failed) or 2 (the command line is wrong).
   *
   * @param err where it says what is wrong
   */
  public static int run(PrintWriter err, String... args) {
    return new CommandLine(new NodeRuntimeCommand())
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(NodeRuntimeCommand::refuse)
        .setExecutionExceptionHandler(NodeRuntimeCommand::fail)
        .execute(args);
  }

  /** One line that says what is wrong, where picocli would print a page of usage. */
  private static int refuse(ParameterException e, String[] args) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println(
        "node-runtime: "
            + oneLine(e.getMessage())
            + " (see '"
            + e.getCommandLine().getCommandSpec().qualifiedName()
            + " --help')");
    return USAGE_ERROR;
  }

  private static int fail(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof CommandFailedException
        || e instanceof StartupException
        || e instanceof DeviceException) {
      command.getErr().println("node-runtime: " + oneLine(String.valueOf(e.getMessage())));
      return 1;
    }
    throw e;
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing: serve, generate, inspect, quantize or bench");
  }
}
