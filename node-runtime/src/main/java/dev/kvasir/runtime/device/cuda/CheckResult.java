package dev.kvasir.runtime.device.cuda;

/**
 * One kernel at one shape, checked and measured.
 *
 * @param microseconds a launch, or NaN where it was checked only
 * @param rate of the amount it must move or compute: GB/s or TFLOP/s
 * @param ceiling the rate that this card reaches at best
 * @param error relative, against the reference
 */
record CheckResult(
    String op,
    String shape,
    double microseconds,
    double rate,
    Unit unit,
    double ceiling,
    double error,
    double tolerance) {
  enum Unit {
    GB_PER_S("GB/s"),
    TFLOP_PER_S("TFLOP/s");

    final String text;

    Unit(String text) {
      this.text = text;
    }
  }

  boolean passed() {
    return error <= tolerance;
  }

  boolean timed() {
    return !Double.isNaN(microseconds);
  }

  String line() {
    String speed =
        timed()
            ? "%9.1f us %8.0f %-7s %5.1f %%"
                .formatted(microseconds, rate, unit.text, 100 * rate / ceiling)
            : " ".repeat(37);
    return "%-28s %-44s %s  error %.1e  %s"
        .formatted(op, shape, speed, error, passed() ? "ok" : "FAILED");
  }
}
