package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.quantize.Format;
import dev.kvasir.runtime.quantize.QuantizeOptions;
import dev.kvasir.runtime.quantize.Quantizer;
import dev.kvasir.runtime.quantize.Scheme;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code quantize}: a quantized checkpoint out of a plain one. */
@Command(
    name = "quantize",
    description = "Makes a quantized checkpoint, for this runtime and others.",
    mixinStandardHelpOptions = true)
final class QuantizeCommand implements Callable<Integer> {
  @Option(
      names = "--scheme",
      required = true,
      paramLabel = "SCHEME",
      description =
          "awq: 4 bits in groups, calibrated; int8 or fp8: 8 bits, a scale for each output.")
  private Scheme scheme;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR|URI",
      description = "The plain model: a directory, file:///DIRECTORY or bundled://NAME.")
  private String model;

  @Option(
      names = "--target",
      required = true,
      paramLabel = "DIR",
      description = "Where to write it: a directory that is not there yet, or is empty.")
  private Path target;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description =
          "With awq: text like what the model will read, 2048 tokens of which are used. Default: a"
              + " small one of our own.")
  private Path calibration;

  @Option(
      names = "--group-size",
      paramLabel = "N",
      description =
          "With awq: inputs that share a scale. Default: 128, or less where that does not divide the"
              + " inputs of all layers.")
  private Integer groupSize;

  @Option(
      names = "--format",
      defaultValue = "compressed-tensors",
      paramLabel = "FORMAT",
      description =
          "compressed-tensors, or with awq also awq (AutoAWQ's layout). Default: ${DEFAULT-VALUE}.")
  private Format format;

  @Mixin private LogFlags logs;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    logs.configure();
    PrintWriter out = spec.commandLine().getOut();
    QuantizeOptions options =
        new QuantizeOptions(
            location().directory(),
            target,
            scheme,
            format,
            Optional.ofNullable(calibration),
            groupSize == null ? OptionalInt.empty() : OptionalInt.of(groupSize),
            QuantizeOptions.DEFAULT_SHARD_BYTES);
    try {
      Quantizer.Result result = Quantizer.run(options, line -> print(out, line));
      print(
          out,
          "%s: %.1f MB of weights, %.1f MB before"
              .formatted(target, result.targetBytes() / 1e6, result.sourceBytes() / 1e6));
      return 0;
    } catch (IOException e) {
      throw new CommandFailedException(
          "the model could not be quantized: " + (e.getMessage() == null ? e : e.getMessage()));
    }
  }

  private static void print(PrintWriter out, String line) {
    out.println(line);
    out.flush();
  }

  private ModelLocation location() {
    try {
      return ModelLocation.parse(model);
    } catch (TypeConversionException e) {
      throw new ParameterException(spec.commandLine(), "--model " + e.getMessage());
    }
  }
}
