package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.engine.EngineOptions.DeviceChoice;
import dev.kvasir.runtime.engine.EngineOptions.KvCacheType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Holds a GPU against references of hf-reference.py: {@code GpuParity [cpu|cuda] CHECKPOINT ...},
 * each a folder with a reference.json in it or a NAME.json beside it. Every checkpoint runs its
 * cases alone, together, in small chunks, with cached beginnings and with too few blocks for all; a
 * line each. A reference-8bit.json, whose layers round their inputs as the format wants, takes the
 * plain one's place; where there is a reference-fp8.json, its cases run with keys and values in
 * fp8.
 */
final class GpuParity {
  private static final int AT_ONCE = 16;

  /**
   * Where both sides round activations to 8 bits, a rounding in bfloat16 before decides about whole
   * steps of 6 %, so that a right engine is no closer than this to a right reference of models as
   * small as these.
   */
  private static final Limits ROUNDED = new Limits(0.5, 0.15);

  private static final Limits PLAIN = new Limits(0.1, 0.05);

  private static final String EIGHT_BIT = "reference-8bit.json";

  private final DeviceChoice device;
  private int checks;
  private int failures;

  private GpuParity(DeviceChoice device) {
    this.device = device;
  }

  /** What is close enough, in nat. */
  private record Limits(double nearTie, double mean) {}

  /** A way to run the cases. */
  private record Way(String name, int budget, int blocks, boolean together, KvCacheType kvType) {
    Way(String name, int budget, int blocks, boolean together) {
      this(name, budget, blocks, together, KvCacheType.AUTO);
    }
  }

  public static void main(String[] args) {
    GpuParity parity =
        new GpuParity(DeviceChoice.valueOf(args[0].toUpperCase(java.util.Locale.ROOT)));
    for (int i = 1; i < args.length; i++) {
      parity.check(Path.of(args[i]));
    }
    System.out.printf("%d checks, %d failed%n", parity.checks, parity.failures);
    System.exit(parity.failures == 0 ? 0 : 1);
  }

  private void check(Path checkpoint) {
    try {
      Path file = reference(checkpoint);
      Limits limits = file.endsWith(EIGHT_BIT) ? ROUNDED : PLAIN;
      Reference reference = Reference.read(file);
      int longest =
          reference.cases().stream()
              .mapToInt(c -> c.prompt().length + c.greedy().length)
              .max()
              .orElseThrow();
      int few = Math.ceilDiv(longest, 16) + 3;
      for (Way way :
          List.of(
              new Way("alone", 0, 0, false),
              new Way("together", 0, 0, true),
              new Way("chunks of 48", 48, 0, true),
              new Way(few + " blocks", 64, few, true))) {
        run(checkpoint, reference, limits, way);
      }
      Path fp8 = checkpoint.resolve("reference-fp8.json");
      if (Files.exists(fp8)) {
        run(checkpoint, Reference.read(fp8), PLAIN, new Way("fp8 KV", 0, 0, true, KvCacheType.FP8));
      }
    } catch (Exception e) {
      failures++;
      System.out.printf("%-28s FAILED to be read: %s%n", checkpoint.getFileName(), e);
    }
  }

  private static Path reference(Path checkpoint) {
    for (String name : List.of(EIGHT_BIT, "reference.json")) {
      if (Files.exists(checkpoint.resolve(name))) {
        return checkpoint.resolve(name);
      }
    }
    return checkpoint.resolveSibling(checkpoint.getFileName() + ".json");
  }

  private void run(Path checkpoint, Reference reference, Limits limits, Way way) {
    checks++;
    long start = System.nanoTime();
    String outcome;
    try (StartedEngine started = EngineStarter.start(options(checkpoint, way))) {
      outcome = judge(started.engine(), reference, limits, way);
    } catch (Exception | AssertionError e) {
      outcome = "FAILED: " + e;
      if (Boolean.getBoolean("kvasir.parity.traces")) {
        e.printStackTrace(System.out);
      }
    }
    failures += outcome.startsWith("FAILED") ? 1 : 0;
    System.out.printf(
        "%-28s %-14s %s (%.1f s)%n",
        checkpoint.getFileName(), way.name(), outcome, (System.nanoTime() - start) / 1e9);
  }

  private static String judge(Engine engine, Reference reference, Limits limits, Way way)
      throws Exception {
    int n = reference.cases().size();
    int runs = way.together() ? Math.max(AT_ONCE, n) : n;
    List<GenerationStream> streams = new ArrayList<>();
    for (int i = 0; way.together() && i < runs; i++) {
      streams.add(engine.submit(request(reference, i)));
    }
    int same = 0;
    double mean = 0;
    for (int i = 0; i < runs; i++) {
      GenerationStream stream =
          way.together() ? streams.get(i) : engine.submit(request(reference, i));
      Reference.Verdict verdict =
          Reference.judge(
              reference.cases().get(i % n),
              Reference.collect(stream),
              limits.nearTie(),
              limits.mean());
      if (verdict.objection() != null) {
        return "FAILED case %d: %s".formatted(i, verdict);
      }
      same += verdict.same() ? 1 : 0;
      mean = Math.max(mean, verdict.meanDifference());
    }
    EngineStats stats = engine.stats();
    return "%d of %d the same, largest mean difference %.1e nat; %d steps, %d preemptions, %d prefix hits"
        .formatted(same, runs, mean, stats.steps(), stats.preemptions(), stats.prefixHits());
  }

  private static GenerationRequest request(Reference reference, int i) {
    return reference.cases().get(i % reference.cases().size()).request("case-" + i, Set.of());
  }

  private EngineOptions options(Path checkpoint, Way way) {
    EngineOptions o = EngineOptions.defaults(checkpoint);
    return new EngineOptions(
        o.model(),
        device,
        o.maxModelLen(),
        o.maxNumSeqs(),
        way.budget() == 0 ? OptionalInt.empty() : OptionalInt.of(way.budget()),
        o.blockSize(),
        o.maxWaiting(),
        java.util.OptionalLong.of(64L << 20),
        way.blocks() == 0 ? OptionalInt.empty() : OptionalInt.of(way.blocks()),
        way.kvType(),
        o.weightType(),
        o.quantization(),
        o.loadFormat(),
        o.prefixCaching(),
        o.seed(),
        o.gpuMemoryUtilization());
  }
}
