package dev.kvasir.runtime.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Holds a checkpoint against a file of hf-reference.py by hand: {@code ReferenceCheck CHECKPOINT
 * REFERENCE.json ...}. Runs the cases alone, all at once, with a small budget and with few blocks,
 * and prints a line for each.
 */
final class ReferenceCheck {
  private ReferenceCheck() {}

  public static void main(String[] args) throws Exception {
    for (int i = 0; i + 1 < args.length; i += 2) {
      System.out.println(args[i]);
      check(EngineOptions.defaults(Path.of(args[i])), Reference.read(Path.of(args[i + 1])));
    }
  }

  private static void check(EngineOptions options, Reference reference) throws Exception {
    List<List<Integer>> alone = run("alone", options, reference, false, 1);
    require(alone.equals(run("16 at once", options, reference, true, 16)));
    require(alone.equals(run("budget 48", with(options, 48, 0), reference, true, 16)));
    int longest =
        reference.cases().stream()
            .mapToInt(c -> c.prompt().length + c.greedy().length)
            .max()
            .orElseThrow();
    int blocks = Math.ceilDiv(longest, 16) + 3;
    require(alone.equals(run(blocks + " blocks", with(options, 64, blocks), reference, true, 16)));
  }

  private static void require(boolean same) {
    if (!same) {
      System.out.println("DIFFERENT from what it gives alone");
      System.exit(1);
    }
  }

  private static EngineOptions with(EngineOptions o, int budget, int blocks) {
    return new EngineOptions(
        o.model(),
        o.device(),
        o.maxModelLen(),
        o.maxNumSeqs(),
        OptionalInt.of(budget),
        o.blockSize(),
        o.maxWaiting(),
        o.kvCacheMemoryBytes(),
        blocks == 0 ? OptionalInt.empty() : OptionalInt.of(blocks),
        o.kvCacheType(),
        o.weightType(),
        o.quantization(),
        o.loadFormat(),
        o.prefixCaching(),
        o.seed(),
        o.gpuMemoryUtilization());
  }

  private static List<List<Integer>> run(
      String how, EngineOptions options, Reference reference, boolean together, int copies)
      throws Exception {
    List<List<Integer>> all = new ArrayList<>();
    long start = System.nanoTime();
    try (StartedEngine started = EngineStarter.start(options)) {
      List<GenerationStream> streams = new ArrayList<>();
      int n = reference.cases().size();
      if (together) {
        for (int i = 0; i < Math.max(copies, n); i++) {
          streams.add(started.engine().submit(request(reference, i)));
        }
      }
      int same = 0;
      int ties = 0;
      double mean = 0;
      for (int i = 0; i < (together ? streams.size() : n); i++) {
        GenerationStream stream =
            together ? streams.get(i) : started.engine().submit(request(reference, i));
        List<GenerationEvent.Token> tokens = Reference.collect(stream);
        Reference.Verdict verdict = Reference.judge(reference.cases().get(i % n), tokens);
        if (verdict.objection() != null) {
          System.out.println(how + " case " + i + ": " + verdict);
          System.exit(1);
        }
        same += verdict.same() ? 1 : 0;
        ties += verdict.same() ? 0 : 1;
        mean = Math.max(mean, verdict.meanDifference());
        List<Integer> ids = tokens.stream().map(GenerationEvent.Token::id).toList();
        if (i < n) {
          all.add(ids);
        } else {
          require(ids.equals(all.get(i % n)));
        }
      }
      EngineStats stats = started.engine().stats();
      System.out.printf(
          "%-12s same %d, near ties %d, largest mean difference %.1e nat; %d steps, %d preemptions,"
              + " used blocks %d, %.1f s%n",
          how,
          same,
          ties,
          mean,
          stats.steps(),
          stats.preemptions(),
          stats.usedBlocks(),
          (System.nanoTime() - start) / 1e9);
    }
    return all;
  }

  private static GenerationRequest request(Reference reference, int i) {
    return reference.cases().get(i % reference.cases().size()).request("case-" + i, Set.of(1));
  }
}
