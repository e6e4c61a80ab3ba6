package dev.kvasir.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NumberMachineTest {
  @Test
  void holdsTheNumbersWithinItsBounds() throws Exception {
    for (long seed = 0; seed < 500; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      NumberMachine.Limits limits = limits(random);
      Dfa machine = NumberMachine.of(limits, TestingGrammars.BYTES, new Budget());
      for (int i = 0; i < 60; i++) {
        BigDecimal near =
            random.nextBoolean() && limits.low() != null ? limits.low() : limits.high();
        String text = text(random, near);
        assertEquals(
            meets(limits, text),
            machine != null && accepts(machine, text),
            "seed " + seed + ", " + limits + ", number " + text);
      }
    }
  }

  private static NumberMachine.Limits limits(SplittableRandom random) {
    boolean whole = random.nextBoolean();
    BigDecimal a = number(random, whole);
    BigDecimal b = number(random, whole);
    return new NumberMachine.Limits(
        random.nextInt(4) == 0 ? null : a.min(b),
        random.nextBoolean(),
        random.nextInt(4) == 0 ? null : a.max(b),
        random.nextBoolean(),
        whole && random.nextInt(3) == 0 ? BigInteger.valueOf(1 + random.nextInt(30)) : null,
        whole);
  }

  private static BigDecimal number(SplittableRandom random, boolean whole) {
    int digits = random.nextInt(5);
    long bound = BigInteger.TEN.pow(digits).longValue();
    BigDecimal number = BigDecimal.valueOf(random.nextLong(-bound, bound + 1));
    return whole ? number : number.movePointLeft(random.nextInt(4));
  }

  private static String text(SplittableRandom random, BigDecimal near) {
    BigDecimal base = near == null ? number(random, false) : near;
    BigDecimal step = BigDecimal.ONE.movePointLeft(random.nextInt(4));
    BigDecimal number = base.add(step.multiply(BigDecimal.valueOf(random.nextInt(-3, 4))));
    String text =
        random.nextBoolean() ? number.toPlainString() : number.stripTrailingZeros().toPlainString();
    return random.nextInt(20) == 0 && number.signum() >= 0 ? "0" + text : text;
  }

  private static boolean meets(NumberMachine.Limits limits, String text) {
    BigDecimal value = new BigDecimal(text);
    boolean spelled =
        text.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?")
            && !(value.signum() == 0 && text.startsWith("-"));
    boolean whole = !text.contains(".");
    int low = limits.low() == null ? 1 : value.compareTo(limits.low());
    int high = limits.high() == null ? -1 : value.compareTo(limits.high());
    return spelled
        && (whole || !limits.whole())
        && (low > 0 || (low == 0 && !limits.lowExclusive()))
        && (high < 0 || (high == 0 && !limits.highExclusive()))
        && (limits.multipleOf() == null
            || value.toBigInteger().mod(limits.multipleOf()).signum() == 0);
  }

  private static boolean accepts(Dfa machine, String text) {
    long state = machine.start();
    for (int i = 0; i < text.length(); i++) {
      state = state < 0 ? state : machine.step(state, text.charAt(i));
    }
    return state >= 0 && machine.accepts(state);
  }
}
