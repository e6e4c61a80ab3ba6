package dev.kvasir.runtime.cli;

import dev.kvasir.runtime.bench.Bench;
import dev.kvasir.runtime.bench.BenchReport;
import dev.kvasir.runtime.bench.Machine;
import dev.kvasir.runtime.bench.Measurement;
import dev.kvasir.runtime.bench.Workload;
import dev.kvasir.runtime.device.cuda.CudaException;
import dev.kvasir.runtime.device.cuda.KernelBench;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.StartedEngine;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench}: how fast a model runs here, without a server. */
@Command(
    name = "bench",
    description = "Measures how fast a model runs on this machine, without a server.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  @Mixin private ModelFlags model;
  @Mixin private LogFlags logs;

  @Option(
      names = "--input-len",
      defaultValue = "256",
      paramLabel = "N",
      description = "Tokens of a prompt. Default: ${DEFAULT-VALUE}.")
  private int inputLength;

  @Option(
      names = "--output-len",
      defaultValue = "64",
      paramLabel = "N",
      description =
          "Tokens that each request generates; 1 measures prompts only. Default: ${DEFAULT-VALUE}.")
  private int outputLength;

  @Option(
      names = "--num-prompts",
      defaultValue = "8",
      paramLabel = "N",
      description =
          "Requests per concurrency, rounded up to whole waves. Default: ${DEFAULT-VALUE}.")
  private int numPrompts;

  @Option(
      names = "--concurrency",
      split = ",",
      defaultValue = "1,8,32",
      paramLabel = "N",
      description = "Requests submitted at once, wave by wave. Default: ${DEFAULT-VALUE}.")
  private List<Integer> concurrencies;

  @Option(
      names = "--warmup",
      defaultValue = "1",
      paramLabel = "N",
      description = "Waves that are not counted, per concurrency. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--kernels",
      help = true, // no model is needed
      description = "Check and measure the GPU kernels alone, without a model.")
  private boolean kernels;

  @Option(names = "--json", paramLabel = "FILE", description = "Write a report as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    logs.configure();
    requireWritable();
    if (kernels) {
      return checkKernels();
    }
    EngineOptions options = model.options();
    checkConcurrencies(options);
    workload(1);
    try (StartedEngine started = EngineStarter.start(options)) {
      Duration startUp = sinceProcessStart();
      Workload workload = workload(started.model().vocabularySize());
      Bench bench = new Bench(started.engine(), workload);
      List<Measurement> measurements = new ArrayList<>();
      for (int concurrency : concurrencies) {
        measurements.add(bench.measure(concurrency, this::progress));
      }
      report(started, startUp, workload, measurements);
      return 0;
    } catch (Bench.FailedException e) {
      throw new CommandFailedException(e.getMessage());
    }
  }

  private int checkKernels() throws CommandFailedException {
    try {
      return KernelBench.run(List.of(), json) ? 0 : 1;
    } catch (CudaException e) {
      throw new CommandFailedException(e.getMessage());
    }
  }

  private Workload workload(int vocabulary) {
    try {
      return new Workload(inputLength, outputLength, numPrompts, warmUp, vocabulary, model.seed());
    } catch (IllegalArgumentException e) {
      throw error(e.getMessage());
    }
  }

  private void checkConcurrencies(EngineOptions options) {
    int most = Math.min(options.maxNumSeqs(), options.maxWaiting());
    for (int concurrency : concurrencies) {
      if (concurrency < 1 || concurrency > most) {
        throw error(
            "--concurrency %d: must be between 1 and %d, the lesser of --max-num-seqs and --max-waiting"
                .formatted(concurrency, most));
      }
    }
  }

  /** Better now than after the measurements. */
  private void requireWritable() {
    Path folder = json == null ? null : json.toAbsolutePath().getParent();
    if (folder != null && (!Files.isWritable(folder) || Files.isDirectory(json))) {
      throw error("--json " + json + ": no file can be written there");
    }
  }

  private static Duration sinceProcessStart() {
    long start = ManagementFactory.getRuntimeMXBean().getStartTime();
    return Duration.ofMillis(System.currentTimeMillis() - start);
  }

  private void progress(int concurrency, int wave, int waves, boolean warmUp) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "concurrency %d: %s %d of %d%n", concurrency, warmUp ? "warm-up" : "wave", wave, waves);
    err.flush();
  }

  private void report(
      StartedEngine started, Duration startUp, Workload workload, List<Measurement> measurements)
      throws CommandFailedException {
    BenchReport report =
        new BenchReport(
            Instant.now(),
            Build.version(),
            Build.commit(),
            Machine.current(),
            started.deviceName(),
            model.location().name(),
            started.model(),
            startUp,
            workload,
            measurements);
    PrintWriter out = spec.commandLine().getOut();
    report.print(out);
    out.flush();
    if (json != null) {
      try {
        Files.writeString(json, report.json().toPrettyString() + "\n");
      } catch (IOException e) {
        throw new CommandFailedException("--json " + json + " could not be written: " + e);
      }
    }
  }

  private ParameterException error(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
