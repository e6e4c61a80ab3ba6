package dev.kvasir.runtime.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The decimal spellings of the numbers within bounds, compared digit by digit. Digits are limited,
 * so that numbers end, and so that one read as a double keeps its side of each bound.
 */
final class NumberMachine {
  private static final int MOST_DIGITS = 15;
  private static final int MOST_EXPONENT_DIGITS = 2;

  private final Limits limits;
  private final Side positive;
  private final Side negative;

  /**
   * What a number has to meet.
   *
   * @param low and high: null where there is no bound
   * @param multipleOf null, or at least 1
   * @param whole whether it is an integer
   */
  record Limits(
      BigDecimal low,
      boolean lowExclusive,
      BigDecimal high,
      boolean highExclusive,
      BigInteger multipleOf,
      boolean whole) {

    boolean isOpen() {
      return low == null && high == null && multipleOf == null;
    }
  }

  private enum Phase {
    START,
    SIGN,
    ZERO,
    DIGITS,
    POINT,
    FRACTION,
    E,
    E_SIGN,
    EXPONENT
  }

  /**
   * What has been read.
   *
   * @param low and high: how it compares with the bounds' digits at the same places
   */
  private record State(
      Phase phase, boolean minus, int digits, int low, int high, int fraction, int remainder) {

    State at(Phase next) {
      return new State(next, minus, digits, low, high, fraction, remainder);
    }
  }

  /** The digits of a bound that is not negative. */
  private record Bound(String whole, String fraction, boolean exclusive) {
    static Bound of(BigDecimal value, boolean exclusive) {
      String[] parts = value.stripTrailingZeros().toPlainString().split("\\.", 2);
      return new Bound(parts[0], parts.length == 1 ? "" : parts[1], exclusive);
    }

    int compareWhole(int sofar, int index, int digit) {
      if (sofar != 0 || index >= whole.length()) {
        return index >= whole.length() ? 1 : sofar;
      }
      return Integer.compare(digit, whole.charAt(index) - '0');
    }

    /** Once all digits before the point are known. */
    int settle(int sofar, int digits) {
      return digits == whole.length() ? sofar : Integer.compare(digits, whole.length());
    }

    int compareFraction(int sofar, int index, int digit) {
      int own = index < fraction.length() ? fraction.charAt(index) - '0' : 0;
      return sofar != 0 ? sofar : Integer.compare(digit, own);
    }

    /** Once the number has ended: what the bound has beyond it makes it larger. */
    int finish(int sofar, int digitsOfFraction) {
      return sofar == 0 && fraction.length() > digitsOfFraction ? -1 : sofar;
    }
  }

  /** The bounds of the digits after a sign. */
  private record Side(Bound least, Bound most) {
    boolean holds(int low, int high, int fraction) {
      int aboveLeast = least.finish(low, fraction);
      boolean enough = aboveLeast > 0 || (aboveLeast == 0 && !least.exclusive);
      if (!enough || most == null) {
        return enough;
      }
      int aboveMost = most.finish(high, fraction);
      return aboveMost < 0 || (aboveMost == 0 && !most.exclusive);
    }

    int digits() {
      return most != null ? most.whole.length() : Math.max(MOST_DIGITS, least.whole.length() + 1);
    }

    int digitsOfFraction(int digits) {
      int own = Math.max(least.fraction.length(), most == null ? 0 : most.fraction.length());
      return Math.max(MOST_DIGITS - digits, own);
    }
  }

  private NumberMachine(Limits limits) {
    this.limits = limits;
    this.positive = positive(limits);
    this.negative = negative(limits);
  }

  /** Null where no number meets the limits. */
  static Dfa of(Limits limits, Vocabulary vocabulary, Budget budget) throws GrammarException {
    NumberMachine machine = new NumberMachine(limits);
    DfaBuilder<State> builder =
        new DfaBuilder<>(machine::after, machine::accepts, classes(), budget);
    return builder.build(new State(Phase.START, false, 0, 0, 0, 0, 0), vocabulary);
  }

  private static int[] classes() {
    int[] classes = new int[256];
    String told = "0123456789-+.eE";
    for (int i = 0; i < told.length(); i++) {
      classes[told.charAt(i)] = i + 1;
    }
    return classes;
  }

  private static Side positive(Limits limits) {
    if (limits.high != null && limits.high.signum() < 0) {
      return null;
    }
    boolean above = limits.low != null && limits.low.signum() >= 0;
    Bound least =
        above ? Bound.of(limits.low, limits.lowExclusive) : Bound.of(BigDecimal.ZERO, false);
    return new Side(
        least, limits.high == null ? null : Bound.of(limits.high, limits.highExclusive));
  }

  private static Side negative(Limits limits) {
    if (limits.low != null && limits.low.signum() >= 0) {
      return null;
    }
    boolean below = limits.high != null && limits.high.signum() < 0;
    Bound least =
        below
            ? Bound.of(limits.high.negate(), limits.highExclusive)
            : Bound.of(BigDecimal.ZERO, true);
    return new Side(
        least, limits.low == null ? null : Bound.of(limits.low.negate(), limits.lowExclusive));
  }

  private Side side(State state) {
    return state.minus ? negative : positive;
  }

  private State after(State state, int octet) {
    boolean digit = octet >= '0' && octet <= '9';
    return switch (state.phase) {
      case START ->
          octet == '-'
              ? negative == null ? null : new State(Phase.SIGN, true, 0, 0, 0, 0, 0)
              : digit && positive != null ? firstDigit(state, octet - '0') : null;
      case SIGN -> digit ? firstDigit(state, octet - '0') : null;
      case ZERO -> afterWhole(state, octet);
      case DIGITS -> digit ? whole(state, octet - '0') : afterWhole(state, octet);
      case POINT -> digit ? fraction(state, octet - '0') : null;
      case FRACTION -> digit ? fraction(state, octet - '0') : exponent(octet);
      case E -> digit ? exponentDigit(state) : isSign(octet) ? state.at(Phase.E_SIGN) : null;
      case E_SIGN, EXPONENT -> digit ? exponentDigit(state) : null;
    };
  }

  private static boolean isSign(int octet) {
    return octet == '+' || octet == '-';
  }

  private State firstDigit(State state, int digit) {
    State read = whole(state, digit);
    return read != null && digit == 0 ? read.at(Phase.ZERO) : read;
  }

  private State whole(State state, int digit) {
    Side side = side(state);
    if (state.digits == side.digits()) {
      return null;
    }
    int high = side.most == null ? 0 : side.most.compareWhole(state.high, state.digits, digit);
    return new State(
        Phase.DIGITS,
        state.minus,
        state.digits + 1,
        side.least.compareWhole(state.low, state.digits, digit),
        high,
        0,
        remainder(state, digit));
  }

  private int remainder(State state, int digit) {
    if (limits.multipleOf == null) {
      return 0;
    }
    long modulus = limits.multipleOf.longValueExact();
    return (int) ((state.remainder * 10L + digit) % modulus);
  }

  private State afterWhole(State state, int octet) {
    if (octet != '.') {
      return exponent(octet);
    }
    if (limits.whole || limits.multipleOf != null) {
      return null;
    }
    Side side = side(state);
    int high = side.most == null ? 0 : side.most.settle(state.high, state.digits);
    int low = side.least.settle(state.low, state.digits);
    return new State(Phase.POINT, state.minus, state.digits, low, high, 0, 0);
  }

  private State fraction(State state, int digit) {
    Side side = side(state);
    if (state.fraction >= side.digitsOfFraction(state.digits)) {
      return null;
    }
    int high = side.most == null ? 0 : side.most.compareFraction(state.high, state.fraction, digit);
    int low = side.least.compareFraction(state.low, state.fraction, digit);
    return new State(Phase.FRACTION, state.minus, state.digits, low, high, state.fraction + 1, 0);
  }

  /** Only where there are no bounds to compare with. */
  private State exponent(int octet) {
    boolean allowed = limits.isOpen() && !limits.whole && (octet == 'e' || octet == 'E');
    return allowed ? new State(Phase.E, false, 0, 0, 0, 0, 0) : null;
  }

  private static State exponentDigit(State state) {
    return state.digits == MOST_EXPONENT_DIGITS
        ? null
        : new State(Phase.EXPONENT, false, state.digits + 1, 0, 0, 0, 0);
  }

  private boolean accepts(State state) {
    return switch (state.phase) {
      case ZERO, DIGITS -> {
        Side side = side(state);
        int high = side.most == null ? 0 : side.most.settle(state.high, state.digits);
        int low = side.least.settle(state.low, state.digits);
        yield state.remainder == 0 && side.holds(low, high, 0);
      }
      case FRACTION -> side(state).holds(state.low, state.high, state.fraction);
      case EXPONENT -> true;
      case START, SIGN, POINT, E, E_SIGN -> false;
    };
  }
}
