package dev.kvasir.operator.console;

/**
 * A deployment's figures at one time, small: hundreds are kept of each of a thousand. NaN is what
 * was not known.
 *
 * @param at in milliseconds
 */
record Sample(
    long at,
    float output,
    float prompt,
    float kv,
    float running,
    float waiting,
    float held,
    float firstToken,
    float interToken,
    float ready,
    float desired) {

  static Sample of(long at, Row row) {
    Load load = row.load();
    return new Sample(
        at,
        known(load.output()),
        known(load.prompt()),
        known(load.kv()),
        known(load.running()),
        known(load.waiting()),
        known(load.held()),
        known(load.firstToken()),
        known(load.interToken()),
        row.ready(),
        known(row.desired()));
  }

  private static float known(Number value) {
    return value == null ? Float.NaN : value.floatValue();
  }
}
