package dev.kvasir.runtime.grammar;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Measures what masks cost: random answers to random schemas, each new to the process. Arguments:
 * tokens in the vocabulary, schemas.
 */
final class MaskBench {
  /** Time on a processor: the machine may do other things meanwhile. */
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Vocabulary vocabulary;
  private final Grammars grammars;
  private final long[] masks = new long[4_000_000];
  private int count;

  private MaskBench(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.grammars = new Grammars(vocabulary);
  }

  public static void main(String[] arguments) throws Exception {
    int size = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 150_000;
    int schemas = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 300;
    MaskBench bench = new MaskBench(TestingVocabularies.large(size, 4));
    for (int batch = 0; batch < 5; batch++) {
      bench.count = 0;
      long[] compile = new long[schemas];
      for (int i = 0; i < schemas; i++) {
        compile[i] = bench.answer(10_000_000L + (long) batch * schemas + i);
      }
      bench.print(batch, compile);
    }
  }

  /** Returns the nanoseconds that compiling took. */
  private long answer(long seed) throws GrammarException {
    String schema = new TestingSchemas(seed).next().toString();
    long begin = THREADS.getCurrentThreadCpuTime();
    Grammar grammar = grammars.compile(new GrammarSpec.JsonSchema(schema));
    long compile = THREADS.getCurrentThreadCpuTime() - begin;
    SplittableRandom random = new SplittableRandom(seed);
    GrammarState state = grammar.newState(Set.of(vocabulary.size()), vocabulary.size() + 1);
    for (int left = 400; left > 0 && !state.isOver(); left--) {
      long start = THREADS.getCurrentThreadCpuTime();
      long[] mask = state.mask(left);
      masks[count++] = THREADS.getCurrentThreadCpuTime() - start;
      state.accept(draw(mask, random));
    }
    return compile;
  }

  /** Any of the tokens allowed, alike. */
  private static int draw(long[] mask, SplittableRandom random) {
    int allowed = Arrays.stream(mask).mapToInt(Long::bitCount).sum();
    int skip = random.nextInt(allowed);
    for (int word = 0; ; word++) {
      int here = Long.bitCount(mask[word]);
      if (skip < here) {
        long rest = mask[word];
        for (; skip > 0; skip--) {
          rest &= rest - 1;
        }
        return word * 64 + Long.numberOfTrailingZeros(rest);
      }
      skip -= here;
    }
  }

  private void print(int batch, long[] compile) {
    System.out.println(
        "batch "
            + batch
            + "  masks "
            + line(Arrays.copyOf(masks, count))
            + "\n         compile "
            + line(compile));
  }

  private static String line(long[] nanos) {
    Arrays.sort(nanos);
    double mean = Arrays.stream(nanos).average().orElse(0);
    return String.format(
        Locale.ROOT,
        "%7d  mean %8.1f us  p50 %8.1f  p90 %8.1f  p99 %8.1f  p99.9 %8.1f  max %8.1f",
        nanos.length,
        mean / 1e3,
        at(nanos, 0.5),
        at(nanos, 0.9),
        at(nanos, 0.99),
        at(nanos, 0.999),
        at(nanos, 1));
  }

  private static double at(long[] sorted, double quantile) {
    return sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)] / 1e3;
  }
}
