package dev.kvasir.e2e.apiserver.cel;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A quantity, 500m or 4Gi, as a number. */
record KubeQuantity(BigDecimal value) {
  private static final Pattern FORM =
      Pattern.compile(
          "([+-]?(?:\\d+\\.?\\d*|\\.\\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\\d{1,3}))?");
  private static final Map<String, Integer> DECIMAL =
      Map.of("n", -9, "u", -6, "m", -3, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);
  private static final String BINARY = "KMGTPE";

  static Optional<KubeQuantity> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    if (matcher.group(2) != null) {
      int power = BINARY.indexOf(matcher.group(2).charAt(0)) + 1;
      number = number.multiply(new BigDecimal(BigInteger.TWO.pow(10 * power)));
    } else if (matcher.group(3) != null) {
      number = number.scaleByPowerOfTen(DECIMAL.get(matcher.group(3)));
    } else if (matcher.group(4) != null) {
      number = number.scaleByPowerOfTen(Integer.parseInt(matcher.group(4)));
    }
    return Optional.of(new KubeQuantity(number));
  }

  boolean isInteger() {
    boolean whole = value.stripTrailingZeros().scale() <= 0;
    return whole && value.toBigInteger().bitLength() < Long.SIZE;
  }

  long asInteger() {
    if (!isInteger()) {
      throw new IllegalArgumentException("cannot convert value to integer");
    }
    return value.longValueExact();
  }

  long sign() {
    return value.signum();
  }

  long compareTo(KubeQuantity other) {
    return value.compareTo(other.value);
  }

  KubeQuantity plus(KubeQuantity other) {
    return new KubeQuantity(value.add(other.value));
  }

  KubeQuantity minus(KubeQuantity other) {
    return new KubeQuantity(value.subtract(other.value));
  }
}
