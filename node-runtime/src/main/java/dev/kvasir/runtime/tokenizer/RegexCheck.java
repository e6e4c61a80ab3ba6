package dev.kvasir.runtime.tokenizer;

import dev.kvasir.runtime.tokenizer.RegexReader.Group;
import dev.kvasir.runtime.tokenizer.RegexReader.Item;
import java.util.List;

/**
 * Tells regular expressions that a text can lead into endless backtracking. The native library
 * aborts the process after ten million steps of it, so only those are taken that need a bounded
 * number of passes over a run of text: the ones that tokenizers use.
 */
final class RegexCheck {
  private static final int MOST_CHARACTERS = 1 << 16;
  private static final long MOST_SIZE = 20_000;

  /** Ways to split what was read among the parts before a place, those of one long part aside. */
  private static final long MOST_WAYS = 64;

  /**
   * In how many ways what lies before a place can have been read.
   *
   * @param few of the parts that repeat a few times
   * @param longParts parts that repeat without a bound
   */
  private record Ways(long few, int longParts) {
    static final Ways ONE = new Ways(1, 0);

    Ways times(long factor) {
      return new Ways(Math.min(MOST_WAYS + 1, few * factor), longParts);
    }

    Ways and(Ways other) {
      return new Ways(Math.min(MOST_WAYS + 1, few * other.few), longParts + other.longParts);
    }

    Ways or(Ways other) {
      return new Ways(Math.max(few, other.few), Math.max(longParts, other.longParts));
    }
  }

  private RegexCheck() {}

  /**
   * @throws IllegalArgumentException that says why it can't be used
   */
  static void check(String regex) {
    if (regex.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException("has more than " + MOST_CHARACTERS + " characters");
    }
    Group group = RegexReader.read(regex);
    if (size(group) > MOST_SIZE) {
      throw new IllegalArgumentException("has too many repetitions");
    }
    ways(group, Ways.ONE, false);
  }

  private static long size(Group group) {
    long size = 1;
    for (List<Item> sequence : group.alternatives()) {
      for (Item item : sequence) {
        long one = item.group() == null ? 1 : size(item.group());
        long times = item.max() == RegexReader.UNBOUNDED ? item.min() + 1L : item.max();
        size = Math.min(MOST_SIZE + 1, size + one * Math.max(1, times));
      }
    }
    return size;
  }

  /** The ways behind a group. {@code fails} says whether what follows it may fail. */
  private static Ways ways(Group group, Ways before, boolean fails) {
    Ways most = before;
    for (List<Item> sequence : group.alternatives()) {
      Ways ways = before;
      for (int i = 0; i < sequence.size(); i++) {
        boolean laterFails = fails || needsMore(sequence.subList(i + 1, sequence.size()));
        ways = ways(sequence.get(i), ways, laterFails);
      }
      most = most.or(ways);
    }
    return most.times(group.alternatives().size());
  }

  private static boolean needsMore(List<Item> rest) {
    return rest.stream().anyMatch(item -> item.min() > 0);
  }

  private static Ways ways(Item item, Ways before, boolean fails) {
    if (item.min() > 0) {
      require(before.few <= MOST_WAYS && before.longParts <= 1);
    }
    Ways own = item.group() == null ? Ways.ONE : inside(item, before, fails);
    if (item.keeps()) {
      return before;
    }
    return before.and(own).and(repetitions(item));
  }

  /** What a group adds; where it needn't be there, its failing leads nowhere back. */
  private static Ways inside(Item item, Ways before, boolean fails) {
    Group group = item.group();
    if (group.looks()) {
      ways(group, Ways.ONE, false);
      return Ways.ONE;
    }
    boolean repeats = item.varies() && item.max() > 1;
    require(!repeats || !fails || isFixed(group));
    if (item.min() > 0) {
      ways(group, before, fails && !item.keeps());
    }
    return ways(group, Ways.ONE, fails && !item.keeps());
  }

  private static Ways repetitions(Item item) {
    if (!item.varies()) {
      return Ways.ONE;
    }
    boolean isLong = item.max() == RegexReader.UNBOUNDED || item.max() - item.min() >= MOST_WAYS;
    return isLong ? new Ways(1, 1) : new Ways(item.max() - item.min() + 1L, 0);
  }

  /** Whether all its texts have one length and are read in one way. */
  private static boolean isFixed(Group group) {
    return group.alternatives().size() == 1
        && group.alternatives().getFirst().stream()
            .allMatch(item ->
                item.min() == item.max() && (item.group() == null || isFixed(item.group())));
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException("can backtrack without a bound");
    }
  }
}
