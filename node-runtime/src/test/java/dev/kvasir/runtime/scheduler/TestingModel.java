package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.PoolSize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A model without arithmetic: two layers for each KV group. Each stores what comes in for a row
 * where the plan says keys and values go, and passes on a hash of what the row's window shows of
 * it. So what is stored depends on all earlier tokens, as in a real model, and any mistake in
 * positions, slots, tables, windows, shared blocks or preemption changes what it draws.
 */
public final class TestingModel {
  private static final int UNWRITTEN = -1;

  private final List<Layer> layers = new ArrayList<>();
  private final int blockSize;
  private final int vocabulary;

  private record Layer(int group, int window, int[] stored) {
    int firstVisible(int position) {
      return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
  }

  public TestingModel(List<PoolSize> pools, int blockSize, int vocabulary) {
    this.blockSize = blockSize;
    this.vocabulary = vocabulary;
    for (int repeat = 0; repeat < 2; repeat++) {
      for (int group = 0; group < pools.size(); group++) {
        int[] stored = new int[(pools.get(group).blocks() + 1) * blockSize];
        Arrays.fill(stored, UNWRITTEN);
        layers.add(new Layer(group, pools.get(group).window(), stored));
      }
    }
  }

  public StepResult run(StepPlan plan) {
    int[] values = values(plan);
    StepResult result = StepResult.ofRows(values.length);
    for (int i = 0; i < values.length; i++) {
      result.tokens()[i] = Math.floorMod(values[i], vocabulary);
    }
    Arrays.fill(result.logprobs(), Float.NaN);
    return result;
  }

  /** What stands for the logits of each row to sample. */
  public int[] values(StepPlan plan) {
    int[] values = plan.tokenIds().clone();
    for (Layer layer : layers) {
      StepPlan.KvGroup group = plan.groups().get(layer.group());
      for (int row = 0; row < plan.rows(); row++) {
        layer.stored()[group.slotMapping()[row]] = values[row];
      }
      for (int s = 0; s < plan.sequences(); s++) {
        for (int row = plan.queryStarts()[s]; row < plan.queryStarts()[s + 1]; row++) {
          values[row] = seen(layer, group.blockTables()[s], plan.positions()[row]);
        }
      }
    }
    return Arrays.stream(plan.sampled().rows()).map(row -> values[row]).toArray();
  }

  private int seen(Layer layer, int[] table, int position) {
    int hash = 17;
    for (int p = layer.firstVisible(position); p <= position; p++) {
      hash = step(hash, layer.stored()[table[p / blockSize] * blockSize + p % blockSize]);
    }
    return hash;
  }

  private static int step(int hash, int value) {
    int mixed = (hash ^ (value + 0x9E37)) * 0x85EBCA6B;
    return mixed ^ (mixed >>> 13);
  }

  /** What it draws after a prompt, said without any plan; full attention. */
  public static int[] expected(int[] prompt, int tokens, int vocabulary) {
    return expected(prompt, tokens, vocabulary, List.of(new PoolSize(0, 1)));
  }

  public static int[] expected(int[] prompt, int tokens, int vocabulary, List<PoolSize> pools) {
    TestingModel alone = new TestingModel(pools, 1, vocabulary);
    int[] all = Arrays.copyOf(prompt, prompt.length + tokens);
    int[][] incoming = new int[alone.layers.size()][all.length];
    for (int position = 0; position < all.length - 1; position++) {
      int drawn = Math.floorMod(alone.column(incoming, position, all[position]), vocabulary);
      if (position + 1 >= prompt.length) {
        all[position + 1] = drawn;
      }
    }
    return Arrays.copyOfRange(all, prompt.length, all.length);
  }

  private int column(int[][] incoming, int position, int token) {
    int value = token;
    for (int l = 0; l < incoming.length; l++) {
      incoming[l][position] = value;
      value = 17;
      for (int p = layers.get(l).firstVisible(position); p <= position; p++) {
        value = step(value, incoming[l][p]);
      }
    }
    return value;
  }
}
