package dev.kvasir.runtime.device.cuda;

/**
 * The numbers of rows that decode steps are recorded for: 1, 2, 4, then every eighth up to the most
 * that may be. A step of fewer rows is padded to the next.
 */
record RowBuckets(int most) {
  /** Beyond this, a step's launches are short beside its work. */
  static final int MOST = 512;

  /** Records nothing. */
  static final RowBuckets NONE = new RowBuckets(0);

  static RowBuckets upTo(int rows) {
    return new RowBuckets(Math.min(rows, MOST));
  }

  /** The rows that a step of so many is padded to; 0 where it is too large. */
  int of(int rows) {
    if (rows > most) {
      return 0;
    }
    int padded = rows <= 2 ? rows : rows <= 4 ? 4 : Math.ceilDiv(rows, 8) * 8;
    return Math.min(padded, most);
  }
}
