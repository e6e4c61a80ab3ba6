package dev.kvasir.runtime.device.cpu;

/**
 * Columns in segments: parts of a group whose products with 8-bit inputs add up in 16 bits. A
 * segment is padded to whole words of four columns.
 *
 * @param groupSize columns that share the weights' scale; the last group may have fewer
 * @param segments of a group
 * @param segmentSize columns of a segment; a group's last may have fewer
 */
record NibbleColumns(int columns, int groupSize, int segments, int segmentSize) {
  /** 32 * 8 * 127 is below 2^15. */
  static final int MOST_COLUMNS = 32;

  static NibbleColumns of(int columns, int groupSize) {
    int size = Math.min(columns, groupSize);
    int segments = Math.ceilDiv(size, MOST_COLUMNS);
    return new NibbleColumns(columns, size, segments, Math.ceilDiv(size, segments));
  }

  int groups() {
    return Math.ceilDiv(columns, groupSize);
  }

  int wordsOfSegment() {
    return Math.ceilDiv(segmentSize, 4);
  }

  /** Of a row. */
  int allSegments() {
    return groups() * segments;
  }

  /** Elements of an input row, padding included. */
  int width() {
    return allSegments() * wordsOfSegment() * 4;
  }

  int words() {
    return allSegments() * wordsOfSegment();
  }

  /** The first column of a segment, counted over the whole row. */
  int firstColumn(int segment) {
    return segment / segments * groupSize + segment % segments * segmentSize;
  }

  /** Columns of a segment without its padding; none for one behind a short group's end. */
  int columnsOf(int segment) {
    int first = firstColumn(segment);
    int groupEnd = Math.min(columns, (segment / segments + 1) * groupSize);
    return Math.clamp(groupEnd - first, 0, segmentSize);
  }

  /** Where a column lies in a padded row. */
  int place(int column) {
    int inGroup = column % groupSize;
    int segment = column / groupSize * segments + inGroup / segmentSize;
    return segment * wordsOfSegment() * 4 + inGroup % segmentSize;
  }
}
